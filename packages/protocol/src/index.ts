/** Every byte that two parties of Enigma must agree on. Pure: no I/O, no clock. */
export {
  type AbiValue,
  abiAddress,
  abiAddresses,
  abiBool,
  abiBytes,
  abiEncode,
  abiFixedBytes,
  abiUint,
  MalformedAbiError,
  parseBytes32AndBytes,
} from './abi.ts'
export { MAX_BATCH_MEMBERS, type Member, packMember } from './batch.ts'
export {
  BEACON_KEY_BYTES,
  beaconPublicKey,
  decompressKey,
  decompressSignature,
  SEED_DST,
  signSeed,
  verifySeed,
} from './beacon.ts'
export { MalformedHeaderError } from './block-header.ts'
export {
  type Address,
  bytesToBigInt,
  bytesToHex,
  concatBytes,
  equalBytes,
  type Hex,
  hexToBytes,
  keccak256,
  label,
  MalformedHexError,
  parseHex,
  utf8,
  ZERO_HASH,
} from './bytes.ts'
export {
  type DataContext,
  type DataFacts,
  dataContext,
  type InputContext,
  type InputFacts,
  inputContext,
  type ReplyContext,
  type ReplyFacts,
  replyContext,
} from './context.ts'
export { type HpkeCrypto, NoWebCryptoError, randomBytes, webCrypto } from './crypto.ts'
export {
  type DrandBeacon,
  DrandError,
  type DrandSchedule,
  drandMessage,
  drandProof,
  drandSeed,
  parseDrandRound,
  QUICKNET,
  roundAt,
} from './drand.ts'
export { type Domain, domainSeparator, enigmaDomain, type SigningDomain, typedDigest } from './eip712.ts'
export {
  type Envelope,
  EnvelopeError,
  type EnvelopeErrorCode,
  type InputsParts,
  KIND,
  type Kind,
  keyIdOf,
  parseEnvelope,
  type SealedParts,
} from './envelope.ts'
export { type Epoch, packEpochWord, parseEpochWord } from './epoch.ts'
export { EnigmaError } from './errors.ts'
export { type FreshHead, headDigest, signHead } from './fresh-head.ts'
export { type GrantContext, GrantError, MAX_GENERATIONS, openGrant, SECRET_BYTES, sealGrant } from './grant.ts'
export { hpkeOpen, hpkeSeal, KEY_BYTES, PublicKeyError } from './hpke.ts'
export { type KeyPair, type OpenedInputs, openInputs, type SealInputs, sealInputs } from './inputs.ts'
export { hkdf32 } from './kdf.ts'
export {
  type Commit,
  type ContractKey,
  commitDigest,
  contractKeyDigest,
  type Grant,
  grantDigest,
  type Holds,
  holdsDigest,
  type Join,
  joinDigest,
} from './key-messages.ts'
export {
  enigmaSlot,
  keyRegistryOf,
  packRegistryState,
  parseRegistryState,
  type RegistryState,
  registrySlot,
} from './key-registry.ts'
export { LanesError, laneOf } from './lane.ts'
export { GasClassError, gasLimitOf, LIMITS, MAX_DRAWS, RANKS } from './limits.ts'
export { MAX_OBSERVERS, type Network, networkHash, ObserversError } from './network.ts'
export {
  commitmentOf,
  contractKeySecret,
  type KeyOwner,
  networkSignerSecret,
  randomRoot,
  type SecretScope,
  sealRoot,
} from './network-secret.ts'
export { headerDigest, type ObservedHeader, observersOf, recoverObserver, signHeader } from './observed-header.ts'
export { MIN_PADDED, pad } from './padding.ts'
export {
  type CallMoment,
  PRIVATE_CALLS,
  type PrivateCallName,
  randomOf,
  type SealingFacts,
  sealingSecret,
} from './private-call.ts'
export { type SealReason, sealReason } from './reason.ts'
export { batchDigest, type Receipt, receiptDigest, receiptHash, STATUS, type Status } from './receipt.ts'
export { type PrincipalIdentity, principalReportData, type WorkerIdentity, workerReportData } from './report-data.ts'
export { openData, openReply, sealData, sealReply } from './sealed.ts'
export { isSeatLive, packSeatWord, parseSeatWord, type Seat } from './seat.ts'
export { fallbackSeed, SEED_SIGNATURE_BYTES, SeedSignatureError, seedMessage, seedOf } from './seed.ts'
export { type Lottery, type LotterySeat, NoWorkersError, type Rank, selectRanks } from './selection.ts'
export {
  type CompactSignature,
  compactSignature,
  recoverSigner,
  SignatureError,
  signDigest,
  signerAddress,
} from './signature.ts'
export {
  freeWord,
  MalformedSlotError,
  parseSlotWord,
  pendingWord,
  type Slot,
  slotKey,
  type Undelivered,
  undeliveredHash,
  undeliveredWord,
} from './slot.ts'
export {
  MalformedTaskError,
  type PackedTask,
  packTarget,
  packTask,
  type Task,
  type TaskTarget,
  taskId,
  unpackTask,
} from './task.ts'
export { FieldRangeError } from './word.ts'
