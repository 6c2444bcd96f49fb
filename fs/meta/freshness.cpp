// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/freshness.h"

#include <algorithm>

namespace hubfs::meta {

Verdict judge(Instant now, Instant checked, Lifespan lifetime) {
    const Duration age = now - checked;
    if (age >= Duration::zero() && age < lifetime.lifetime) {
        return Verdict::fresh;
    }
    return age < lifetime.stale ? Verdict::usable : Verdict::must_ask;
}

Instant expires_at(Instant checked, Lifespan lifetime) {
    return checked + lifetime.lifetime;
}

Lifespan document_lifetime(const CatalogConfig& config, int status) {
    if (status == 200) {
        return {config.document, config.stale};
    }
    return {config.absent, std::chrono::milliseconds(0)};
}

Lifespan repo_lifetime(const CatalogConfig& config, hub::RepoState state) {
    if (state == hub::RepoState::gone) {
        return {config.absent, config.stale};
    }
    return {config.state, config.stale};
}

Lifespan ref_lifetime(const CatalogConfig& config) {
    return {std::min(config.ref, config.state), config.stale};
}

}  // namespace hubfs::meta
