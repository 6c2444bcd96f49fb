// SPDX-License-Identifier: Apache-2.0
// Answers of the live Hub as they were recorded (huggingface.co, 2024 to October 2026), for the
// tests of this folder. The bodies are whole: each hashes to its recorded weak ETag, where one was
// recorded.
#pragma once

#include <string_view>

namespace hubfs::hub::recorded {

// GET /api/models/OwnerOfTheGatedModel/tiny-gated-model
inline constexpr std::string_view kTinyInfo =
    R"j({"_id":"6ac4f6932fb5557d4ceee81f","id":"OwnerOfTheGatedModel/tiny-gated-model","priv)j"
    R"j(ate":false,"tags":["safetensors","license:mit","region:us"],"downloads":0,"likes":0,)j"
    R"j("modelId":"OwnerOfTheGatedModel/tiny-gated-model","author":"OwnerOfTheGatedModel","s)j"
    R"j(ha":"5bb9fc53add422c252f7351a8e28c438cb98ea21","lastModified":"2026-10-06T13:24:38.0)j"
    R"j(00Z","gated":"manual","disabled":false,"model-index":null,"config":{},"cardData":{"l)j"
    R"j(icense":"mit"},"siblings":[{"rfilename":".gitattributes"},{"rfilename":"README.md"},)j"
    R"j({"rfilename":"checkpoint-0/config.json"},{"rfilename":"checkpoint-0/generation_confi)j"
    R"j(g.json"},{"rfilename":"checkpoint-0/model.safetensors"}],"spaces":[],"createdAt":"20)j"
    R"j(26-10-06T13:24:35.000Z","usedStorage":691784})j";

// …/tree/main
inline constexpr std::string_view kTinyTree =
    R"j([{"type":"directory","oid":"05c7a8877e37d8cefdc36a9b918bf77f187f3ed6","size":0,"path)j"
    R"j(":"checkpoint-0"},{"type":"file","oid":"a6344aac8c09253b3b630fb776ae94478aa0275b","s)j"
    R"j(ize":1519,"path":".gitattributes"},{"type":"file","oid":"0c14ad74222fd13bc2b76819616)j"
    R"j(9ee7285f2f1c0","size":201,"path":"README.md"}])j";

// A gated repository seen by nobody in particular …
inline constexpr std::string_view kMaskedTree =
    R"j([{"type":"file","oid":"0a7ba649036761f60fc6500b85716c498875e5a2","size":1541,"path":)j"
    R"j("checkpoint_tokens_20M_loss_4.9842/README.md"},{"type":"file","oid":"61ec78e813565cb)j"
    R"j(8cdc4760c3de24819a0884001","size":1576,"path":"checkpoint_tokens_20M_loss_4.9842/con)j"
    R"j(fig.json"},{"type":"file","oid":"226b0752cac7789c48f0cb3ec53eda48b7be36cc","size":45)j"
    R"j(6318,"path":"checkpoint_tokens_20M_loss_4.9842/merges.txt"},{"type":"file","oid":"05)j"
    R"j(cfb29bfc3d15db751bd707b6cf23a8ea47b933","size":3381162243,"lfs":{"oid":"************)j"
    R"j(****************************************************","size":3381162243,"pointerSize)j"
    R"j(":135},"xetHash":"****************************************************************",)j"
    R"j("path":"checkpoint_tokens_20M_loss_4.9842/pytorch_model.bin"},{"type":"file","oid":")j"
    R"j(7433646544cc332d7eb43c85199b5ce98e2cc0ed","size":131,"path":"checkpoint_tokens_20M_l)j"
    R"j(oss_4.9842/special_tokens_map.json"},{"type":"file","oid":"d469fce8cf3cdfde529baad7b)j"
    R"j(2528afa4205aabf","size":3557680,"path":"checkpoint_tokens_20M_loss_4.9842/tokenizer.)j"
    R"j(json"},{"type":"file","oid":"1eb0c395616e29ebddd0b13f6ace394ce5223e84","size":507,"p)j"
    R"j(ath":"checkpoint_tokens_20M_loss_4.9842/tokenizer_config.json"},{"type":"file","oid")j"
    R"j(:"84ef7fb594b5c0979e48bdeddb60a0adef33df0b","size":798156,"path":"checkpoint_tokens_)j"
    R"j(20M_loss_4.9842/vocab.json"}])j";

// … and by its owner.
inline constexpr std::string_view kOwnerTree =
    R"j([{"type":"file","oid":"0a7ba649036761f60fc6500b85716c498875e5a2","size":1541,"path":)j"
    R"j("checkpoint_tokens_20M_loss_4.9842/README.md"},{"type":"file","oid":"61ec78e813565cb)j"
    R"j(8cdc4760c3de24819a0884001","size":1576,"path":"checkpoint_tokens_20M_loss_4.9842/con)j"
    R"j(fig.json"},{"type":"file","oid":"226b0752cac7789c48f0cb3ec53eda48b7be36cc","size":45)j"
    R"j(6318,"path":"checkpoint_tokens_20M_loss_4.9842/merges.txt"},{"type":"file","oid":"05)j"
    R"j(cfb29bfc3d15db751bd707b6cf23a8ea47b933","size":3381162243,"lfs":{"oid":"010167c241de)j"
    R"j(cb1ebc90d041ecfb0ddd4d9dd6931a7c96a7b84262919a9cdd8d","size":3381162243,"pointerSize)j"
    R"j(":135},"xetHash":"0c6167a268354949eabb7862cdefe9b5759bdb481e9c523a24b36daf5e474f3e",)j"
    R"j("path":"checkpoint_tokens_20M_loss_4.9842/pytorch_model.bin"},{"type":"file","oid":")j"
    R"j(7433646544cc332d7eb43c85199b5ce98e2cc0ed","size":131,"path":"checkpoint_tokens_20M_l)j"
    R"j(oss_4.9842/special_tokens_map.json"},{"type":"file","oid":"d469fce8cf3cdfde529baad7b)j"
    R"j(2528afa4205aabf","size":3557680,"path":"checkpoint_tokens_20M_loss_4.9842/tokenizer.)j"
    R"j(json"},{"type":"file","oid":"1eb0c395616e29ebddd0b13f6ace394ce5223e84","size":507,"p)j"
    R"j(ath":"checkpoint_tokens_20M_loss_4.9842/tokenizer_config.json"},{"type":"file","oid")j"
    R"j(:"84ef7fb594b5c0979e48bdeddb60a0adef33df0b","size":798156,"path":"checkpoint_tokens_)j"
    R"j(20M_loss_4.9842/vocab.json"}])j";

// GET /api/models/google-bert/bert-base-uncased/tree/dd4bc8b2…
inline constexpr std::string_view kBertTree =
    R"j([{"type":"file","oid":"dc08351d4dc0732d9c8af04070ced089b201ce2f","size":345,"path":")j"
    R"j(.gitattributes"},{"type":"file","oid":"fca794a5f07ff8f963fe8b61e3694b0fb7f955df","si)j"
    R"j(ze":313,"path":"config.json"},{"type":"file","oid":"ba5d19791be1dd7992e33bd61f20207b)j"
    R"j(0f7f50a5","size":440473133,"lfs":{"oid":"097417381d6c7230bd9e3557456d726de6e83245ec8)j"
    R"j(b24f529f60198a67b203a","size":440473133,"pointerSize":134},"xetHash":"2d8408d3a894d0)j"
    R"j(2517d04956e2f7546ff08362594072f3527ce144b5212a3296","path":"pytorch_model.bin"},{"ty)j"
    R"j(pe":"file","oid":"9eb98c817f04b051b3bcca591bcd4e03cec88018","size":536063208,"lfs":{)j"
    R"j("oid":"a7a17d6d844b5de815ccab5f42cad6d24496db3850a2a43d8258221018ce87d2","size":5360)j"
    R"j(63208,"pointerSize":134},"xetHash":"879c5715c18a0b7f051dd33f70f0a5c8dd1522e0a43f6f75)j"
    R"j(520f16167f29279b","path":"tf_model.h5"},{"type":"file","oid":"fb140275c155a9c7c5a3b3)j"
    R"j(e0e77a9e839594a938","size":231508,"path":"vocab.txt"}])j";

// The same with expand=true.
inline constexpr std::string_view kBertExpanded =
    R"j([{"type":"file","oid":"dc08351d4dc0732d9c8af04070ced089b201ce2f","size":345,"path":")j"
    R"j(.gitattributes","lastCommit":{"id":"504939aa53e8ce310dba3dd2296dbe266c575de4","title)j"
    R"j(":"initial commit","date":"2018-11-14T23:35:08.000Z"}},{"type":"file","oid":"fca794a)j"
    R"j(5f07ff8f963fe8b61e3694b0fb7f955df","size":313,"path":"config.json","lastCommit":{"id)j"
    R"j(":"bb3c1c3256d2598217df9889a14a2e811587891d","title":"Update config.json","date":"20)j"
    R"j(19-06-18T09:06:51.000Z"}},{"type":"file","oid":"ba5d19791be1dd7992e33bd61f20207b0f7f)j"
    R"j(50a5","size":440473133,"lfs":{"oid":"097417381d6c7230bd9e3557456d726de6e83245ec8b24f)j"
    R"j(529f60198a67b203a","size":440473133,"pointerSize":134},"xetHash":"2d8408d3a894d02517)j"
    R"j(d04956e2f7546ff08362594072f3527ce144b5212a3296","path":"pytorch_model.bin","lastComm)j"
    R"j(it":{"id":"3d2477d72b675a999d1b13ca822aaaf4908634ad","title":"Update pytorch_model.b)j"
    R"j(in","date":"2019-06-18T09:06:34.000Z"}},{"type":"file","oid":"9eb98c817f04b051b3bcca)j"
    R"j(591bcd4e03cec88018","size":536063208,"lfs":{"oid":"a7a17d6d844b5de815ccab5f42cad6d24)j"
    R"j(496db3850a2a43d8258221018ce87d2","size":536063208,"pointerSize":134},"xetHash":"879c)j"
    R"j(5715c18a0b7f051dd33f70f0a5c8dd1522e0a43f6f75520f16167f29279b","path":"tf_model.h5",")j"
    R"j(lastCommit":{"id":"dd4bc8b21efa05ec961e3efc4ee5e3832a3679c7","title":"Update tf_mode)j"
    R"j(l.h5","date":"2019-09-23T19:48:44.000Z"}},{"type":"file","oid":"fb140275c155a9c7c5a3)j"
    R"j(b3e0e77a9e839594a938","size":231508,"path":"vocab.txt","lastCommit":{"id":"2f07d813c)j"
    R"j(a87c8c709147704c87210359ccf2309","title":"Update vocab.txt","date":"2018-11-14T23:35)j"
    R"j(:08.000Z"}}])j";

// GET /api/models/openai-community/gpt2/commits/607a30d7…?limit=5, the first two.
inline constexpr std::string_view kCommits =
    R"j([{"id":"607a30d783dfa663caf39e06633721c8d4cfcd7e","title":"Adds the tokenizer config)j"
    R"j(uration file (#80)","message":"\n\n\n- Adds tokenizer_config.json file (db6d57930088)j"
    R"j(fb63e52c010bd9ac77c955ac55e7)\n\n","authors":[{"user":"lysandre","avatar":"https://c)j"
    R"j(dn-avatars.huggingface.co/v1/production/uploads/5e3aec01f55e2b62848a5217/PMKS0NNB4MJ)j"
    R"j(QlTSFzh918.jpeg"}],"date":"2024-02-19T10:57:45.000Z"},{"id":"11c5a3d5811f50298f278a7)j"
    R"j(04980280950aedb10","title":"Adding ONNX file of this model (#60)","message":"\n\n\n-)j"
    R"j( Adding ONNX file of this model (9411f419c589519e1a46c94ac7789ea20fd7c322)\n\n","aut)j"
    R"j(hors":[{"user":"fxmarty","avatar":"https://cdn-avatars.huggingface.co/v1/production/)j"
    R"j(uploads/1651743336129-624c60cba8ec93a7ac188b56.png"}],"date":"2023-06-30T02:19:43.00)j"
    R"j(0Z"}])j";

inline constexpr std::string_view kTinyInfoEtag = R"j(W/"2cd-6qN5QrZT4yYJt8peRuB/cEf+r+c")j";
inline constexpr std::string_view kTinyTreeEtag = R"j(W/"12a-0nRRU4G+CsgLVJjmGAvT76GFTmc")j";
inline constexpr std::string_view kMaskedTreeEtag = R"j(W/"509-0MZOW2PA/gZ6X65pv8AnZesheI4")j";
inline constexpr std::string_view kOwnerTreeEtag = R"j(W/"509-6ZOYw+/huenFMxbINbNDqIclBdk")j";

}  // namespace hubfs::hub::recorded
