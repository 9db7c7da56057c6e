/** Vectors of what follows from a network secret. */
import {
  bytesToHex,
  commitmentOf,
  contractKeySecret,
  type KeyOwner,
  networkSignerSecret,
  randomRoot,
  type SecretScope,
  sealRoot,
  signerAddress,
  webCrypto,
} from '../../src/index.ts'
import type { Case, VectorFile } from '../generate.ts'
import { CHAIN, errorOf, OTHER_CHAIN, sample, sampleAddress, sampleSecret } from './samples.ts'

export const SECRET = sampleSecret('network secret')
export const SCOPE: SecretScope = { ...CHAIN, simulated: true }
export const OWNER: KeyOwner = { dApp: sampleAddress('dApp'), codeHash: sample('code'), generation: 1 }

export async function networkSecretVectors(): Promise<VectorFile> {
  const of = (name: string, scope: Partial<SecretScope>, owner: Partial<KeyOwner>, secret = SECRET) =>
    secretCase(name, secret, { ...SCOPE, ...scope }, { ...OWNER, ...owner })
  const refused = async (name: string, owner: Partial<KeyOwner>): Promise<Case> => ({
    ...texts(name, SECRET, SCOPE, { ...OWNER, ...owner }),
    error: await errorOf(() => contractKeySecret(SECRET, SCOPE, { ...OWNER, ...owner })),
  })
  return {
    comment:
      'HKDF-SHA256 of secret to 32 bytes. info of commitment (salt "enigma/commit/v1") and of networkSignerSecret (salt ' +
      '"enigma/net-sign/v1"): abi.encode(chainId, enigma, simulated, generation). info of contractKeySecret (salt ' +
      '"enigma/contract-key/v1"), sealRoot ("enigma/seal-root/v1") and randomRoot ("enigma/random-root/v1"): ' +
      'abi.encode(chainId, enigma, dApp, codeHash, generation, simulated). contractKey is the X25519 public key.',
    cases: await Promise.all([
      of('a network on simulated hardware', {}, {}),
      of('the same on real hardware', { simulated: false }, {}),
      of('on another chain', { chainId: OTHER_CHAIN.chainId }, {}),
      of('of another contract', { enigma: OTHER_CHAIN.enigma }, {}),
      of('another generation', {}, { generation: 2 }),
      of('the highest generation', {}, { generation: 2 ** 32 - 1 }),
      of('another dApp', {}, { dApp: sampleAddress('another dApp') }),
      of('other code', {}, { codeHash: sample('other code') }),
      of('another secret', {}, {}, sampleSecret('another network secret')),
    ]),
    failures: await Promise.all([
      refused('a generation too wide', { generation: 2 ** 32 }),
      refused('a generation below zero', { generation: -1 }),
      refused('a code hash of 31 bytes', { codeHash: `0x${'00'.repeat(31)}` }),
      refused('a dApp of 21 bytes', { dApp: `0x${'00'.repeat(21)}` }),
    ]),
  }
}

async function secretCase(name: string, secret: Uint8Array, scope: SecretScope, owner: KeyOwner): Promise<Case> {
  const signerSecret = networkSignerSecret(secret, scope, owner.generation)
  const keySecret = contractKeySecret(secret, scope, owner)
  return {
    ...texts(name, secret, scope, owner),
    commitment: commitmentOf(secret, scope, owner.generation),
    networkSignerSecret: bytesToHex(signerSecret),
    networkSigner: signerAddress(signerSecret),
    contractKeySecret: bytesToHex(keySecret),
    contractKey: bytesToHex(await webCrypto.publicKey(keySecret)),
    sealRoot: bytesToHex(sealRoot(secret, scope, owner)),
    randomRoot: bytesToHex(randomRoot(secret, scope, owner)),
  }
}

function texts(name: string, secret: Uint8Array, scope: SecretScope, owner: KeyOwner): Case {
  return {
    name,
    secret: bytesToHex(secret),
    ...scope,
    chainId: String(scope.chainId),
    ...owner,
    generation: String(owner.generation),
  }
}
