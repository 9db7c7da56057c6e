/** Vectors of what enclaves sign about the network secret. */
import {
  type Commit,
  type ContractKey,
  commitDigest,
  contractKeyDigest,
  type Domain,
  domainSeparator,
  enigmaDomain,
  type Grant,
  grantDigest,
  type Hex,
  type Holds,
  holdsDigest,
  type Join,
  joinDigest,
  label,
  signDigest,
  signerAddress,
} from '../../src/index.ts'
import { COMMIT, CONTRACT_KEY, GRANT, HOLDS, JOIN } from '../../src/key-messages.ts'
import type { Case, VectorFile } from '../generate.ts'
import { CHAIN, errorOf, OTHER_CHAIN, sample, sampleAddress, sampleSecret } from './samples.ts'

type Sample = {
  name: string
  message: 'Commit' | 'Join' | 'Grant' | 'Holds' | 'ContractKey'
  domain: Domain
  fields: Record<string, string | number>
  digest: Hex
}

const MOST = 2 ** 32 - 1
const secret = sampleSecret('signer')
const commit: Commit = {
  networkHash: sample('network'),
  seat: 7,
  generation: 1,
  commitment: sample('commitment'),
  networkSigner: sampleAddress('network signer'),
}
const join: Join = { networkHash: sample('network'), seat: 8, joinKey: sample('join key') }
const grant: Grant = { ...join, generation: 1, ciphertextHash: sample('ciphertext') }
const holds: Holds = { networkHash: sample('network'), generation: 1, commitment: sample('commitment') }
const contractKey: ContractKey = {
  dApp: sampleAddress('dApp'),
  codeHash: sample('code'),
  generation: 1,
  publicKey: sample('public key'),
}
const TYPES = { Commit: COMMIT, Join: JOIN, Grant: GRANT, Holds: HOLDS, ContractKey: CONTRACT_KEY }

const ofCommit = (name: string, fields = commit, domain: Domain = CHAIN): Sample => {
  return { name, message: 'Commit', domain, fields, digest: commitDigest(domain, fields) }
}
const ofJoin = (name: string, fields = join, domain: Domain = CHAIN): Sample => {
  return { name, message: 'Join', domain, fields, digest: joinDigest(domain, fields) }
}
const ofGrant = (name: string, fields = grant, domain: Domain = CHAIN): Sample => {
  return { name, message: 'Grant', domain, fields, digest: grantDigest(domain, fields) }
}
const ofHolds = (name: string, fields = holds, domain: Domain = CHAIN): Sample => {
  return { name, message: 'Holds', domain, fields, digest: holdsDigest(domain, fields) }
}
const ofContractKey = (name: string, fields = contractKey, domain: Domain = CHAIN): Sample => {
  return { name, message: 'ContractKey', domain, fields, digest: contractKeyDigest(domain, fields) }
}

export async function keyMessageVectors(): Promise<VectorFile> {
  return {
    comment:
      'EIP-712 digests in the domain ("Enigma", "1", chainId, enigma) of the messages about the network secret, each with ' +
      'the type string and its keccak256, and an EIP-2098 signature. Only the fields of the message named stand in a case. ' +
      'failures: OTHER_SIGNER: the signature, made for the first case of its message, recovers to somebody else for this ' +
      'digest; OUT_OF_RANGE: no such message exists.',
    cases: samples().map((one) => ({ ...texts(one), ...signDigest(one.digest, secret) })),
    failures: [...changed(), ...(await impossible())],
  }
}

function samples(): Sample[] {
  return [
    ofCommit('a commitment'),
    ofCommit('the widest commitment', { ...commit, seat: MOST, generation: MOST }),
    ofCommit('a commitment on another chain', commit, OTHER_CHAIN),
    ofJoin('a join'),
    ofJoin('a join of seat 0', { ...join, seat: 0 }),
    ofJoin('a join on another chain', join, OTHER_CHAIN),
    ofGrant('a grant'),
    ofGrant('the widest grant', { ...grant, seat: MOST, generation: MOST }),
    ofGrant('a grant on another chain', grant, OTHER_CHAIN),
    ofHolds('a holder'),
    ofHolds('a holder of the widest generation', { ...holds, generation: MOST }),
    ofHolds('a holder on another chain', holds, OTHER_CHAIN),
    ofContractKey("a dApp's key"),
    ofContractKey("a dApp's key of the widest generation", { ...contractKey, generation: MOST }),
    ofContractKey("a dApp's key on another chain", contractKey, OTHER_CHAIN),
  ]
}

/** One field changed under a signature that was made for the first case of the message. */
function changed(): Case[] {
  const other = sample('another')
  const someone = sampleAddress('another')
  return [
    ...[
      ofCommit('another network', { ...commit, networkHash: other }),
      ofCommit('another seat', { ...commit, seat: 8 }),
      ofCommit('another generation', { ...commit, generation: 2 }),
      ofCommit('another commitment', { ...commit, commitment: other }),
      ofCommit('another network signer', { ...commit, networkSigner: someone }),
    ].map((one) => refused(one, commitDigest(CHAIN, commit))),
    ...[
      ofJoin('another network', { ...join, networkHash: other }),
      ofJoin('another seat', { ...join, seat: 9 }),
      ofJoin('another join key', { ...join, joinKey: other }),
    ].map((one) => refused(one, joinDigest(CHAIN, join))),
    ...[
      ofGrant('another network', { ...grant, networkHash: other }),
      ofGrant('another seat', { ...grant, seat: 9 }),
      ofGrant('another join key', { ...grant, joinKey: other }),
      ofGrant('another generation', { ...grant, generation: 2 }),
      ofGrant('another ciphertext', { ...grant, ciphertextHash: other }),
    ].map((one) => refused(one, grantDigest(CHAIN, grant))),
    ...[
      ofHolds('another network', { ...holds, networkHash: other }),
      ofHolds('another generation', { ...holds, generation: 2 }),
      ofHolds('another commitment', { ...holds, commitment: other }),
    ].map((one) => refused(one, holdsDigest(CHAIN, holds))),
    ...[
      ofContractKey('another dApp', { ...contractKey, dApp: someone }),
      ofContractKey('other code', { ...contractKey, codeHash: other }),
      ofContractKey('another generation', { ...contractKey, generation: 2 }),
      ofContractKey('another key', { ...contractKey, publicKey: other }),
    ].map((one) => refused(one, contractKeyDigest(CHAIN, contractKey))),
  ]
}

/** No digest: nothing of the kind can be made, nor be asked of a contract, whose types end there. */
async function impossible(): Promise<Case[]> {
  const over = { generation: MOST + 1 }
  const below = { generation: -1 }
  const acts = {
    'a commitment to a generation too wide': () => commitDigest(CHAIN, { ...commit, ...over }),
    'a grant of a generation too wide': () => grantDigest(CHAIN, { ...grant, ...over }),
    'a holder of a generation too wide': () => holdsDigest(CHAIN, { ...holds, ...over }),
    "a dApp's key of a generation too wide": () => contractKeyDigest(CHAIN, { ...contractKey, ...over }),
    'a holder of a generation below zero': () => holdsDigest(CHAIN, { ...holds, ...below }),
    'a join of a seat below zero': () => joinDigest(CHAIN, { ...join, seat: -1 }),
  }
  return Promise.all(Object.entries(acts).map(async ([name, act]) => ({ name, error: await errorOf(act) })))
}

function refused(one: Sample, signedFor: Hex): Case {
  return { ...texts(one), name: `${one.message}: ${one.name}`, ...signDigest(signedFor, secret), error: 'OTHER_SIGNER' }
}

function texts({ name, message, domain, fields, digest }: Sample): Case {
  return {
    name,
    message,
    chainId: String(domain.chainId),
    enigma: domain.enigma,
    ...Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, String(value)])),
    type: TYPES[message],
    typeHash: label(TYPES[message]),
    domainSeparator: domainSeparator(enigmaDomain(domain)),
    digest,
    signer: signerAddress(secret),
  }
}
