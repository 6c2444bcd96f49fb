# SPDX-License-Identifier: Apache-2.0
# The Hub emulator as a package. Programs: hub.py, fetch_content.py. Tests import hub.client.
