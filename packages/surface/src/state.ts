/**
 * What Surface asks its node for on Core's behalf: the header of one block, proofs of the state at its end, code.
 *
 * Nodes differ here more than elsewhere: in the spelling of words, in whether a proof may be asked for by block hash, in how
 * far back they can prove. Nothing here is believed; what does not verify is refused by Core.
 */
import { headerRlp, type RpcProof } from '@enigma/evm/proof/writer'
import { quantity, type Rpc, RpcError } from '@enigma/process'
import { type Address, EnigmaError, type Hex, hexToBytes, keccak256, parseHex } from '@enigma/protocol'

/** A block that the node must have, on this very branch. */
export type Anchor = { number: bigint; hash: Hex }
export type SlotOf = { address: Address; slot: Hex }
/** Accounts are meant with their code. */
export type StateKeys = { accounts: readonly Address[]; slots: readonly SlotOf[] }
export type StateRequest = {
  accounts: readonly { address: Address; slots: readonly Hex[] }[]
  codesOf: readonly Address[]
}
/** In the order of the request. */
export type StateAnswer = { proofs: RpcProof[]; codes: Uint8Array[] }
export type Call = { from: Address; to: Address; data: Hex }
export type StateSource = ReturnType<typeof createStateSource>

const MOST_NODES = 65
/** A branch of sixteen hashes. */
const MOST_NODE_BYTES = 532
/** EIP-170. */
const MOST_CODE_BYTES = 24_576

export function createStateSource(rpc: Rpc) {
  /** Some nodes prove by number alone: of another branch perhaps, which Core then refuses. */
  let provesByHash = true

  async function ask({ accounts, codesOf }: StateRequest, { number, hash }: Anchor): Promise<unknown[]> {
    const byHash = { blockHash: hash } // EIP-1898: never the state of another branch
    const block = provesByHash ? byHash : `0x${number.toString(16)}`
    return rpc.batch([
      ...accounts.map(({ address, slots }) => ({ method: 'eth_getProof', params: [address, slots, block] })),
      ...codesOf.map((address) => ({ method: 'eth_getCode', params: [address, byHash] })),
    ])
  }

  return {
    /** The header in RLP. */
    async header({ hash }: Anchor): Promise<Uint8Array> {
      const block = await rpc.call('eth_getBlockByHash', [hash, false])
      // Behind one URL another node told of it.
      if (block === null) throw new RpcError('RPC_NONSENSE', 'The node does not know the block of a task.')
      const header = encodeHeader(block)
      if (keccak256(header) !== hash) throw new RpcError('RPC_NONSENSE', 'The node’s header is not that of its block.')
      return header
    },
    /** All in one round trip. */
    async state(request: StateRequest, anchor: Anchor): Promise<StateAnswer> {
      const answers = await ask(request, anchor)
        .catch((error) => {
          if (!provesByHash || !isAboutParameters(error)) throw error
          provesByHash = false
          return ask(request, anchor).catch((again) => {
            provesByHash = true
            throw again
          })
        })
        .catch((error) => {
          throw provesNot(error) ? new ProofWindowError(anchor.number) : error
        })
      const count = request.accounts.length
      return {
        proofs: request.accounts.map((asked, index) => toProof(asked, answers[index])),
        codes: answers.slice(count).map(readCode),
      }
    },
    /** What a call returns, by the node's word. */
    async call(call: Call, { hash }: Anchor): Promise<Uint8Array> {
      return hexToBytes(parse(await rpc.call('eth_call', [call, { blockHash: hash }])))
    },
    /** What a call would touch, by the node's word. */
    async accessList(call: Call, { hash }: Anchor): Promise<StateKeys> {
      const answer = await rpc.call('eth_createAccessList', [{ ...call, gasPrice: '0x0' }, { blockHash: hash }])
      const entries = listOf(record(answer).accessList).map(record)
      return {
        accounts: entries.map(({ address }) => parse(address, 20)),
        slots: entries.flatMap(({ address, storageKeys }) =>
          listOf(storageKeys).map((key) => ({ address: parse(address, 20), slot: wordOf(key, 'a storage key') })),
        ),
      }
    },
  }
}

function toProof({ address, slots }: StateRequest['accounts'][number], answer: unknown): RpcProof {
  const found = record(answer)
  const storage = listOf(found.storageProof).map(record)
  if (parse(found.address, 20) !== address || storage.length !== slots.length) throw nonsense('proof')
  return {
    address,
    codeHash: parse(found.codeHash, 32),
    accountProof: nodesOf(found.accountProof),
    storageProof: storage.map(({ key, proof }, index) => {
      const slot = slots[index] as Hex
      if (wordOf(key, 'a storage key') !== slot) throw nonsense('proof')
      return { key: slot, proof: nodesOf(proof) }
    }),
  }
}

/** A branch for each nibble of a key, and a leaf; what is longer would fit no frame to Core. */
function nodesOf(proof: unknown): Hex[] {
  const nodes = listOf(proof).map((node) => parse(node))
  const isPossible = nodes.length <= MOST_NODES && nodes.every((node) => node.length <= 2 + 2 * MOST_NODE_BYTES)
  if (!isPossible) throw nonsense('proof')
  return nodes
}

function readCode(value: unknown): Uint8Array {
  const code = parse(value)
  if (code.length > 2 + 2 * MOST_CODE_BYTES) throw nonsense('code')
  return hexToBytes(code)
}

function encodeHeader(block: unknown): Uint8Array {
  try {
    return headerRlp(record(block))
  } catch {
    throw nonsense('block')
  }
}

/** Some nodes shorten words. */
const wordOf = (value: unknown, what: string): Hex => `0x${quantity(value, what).toString(16).padStart(64, '0')}`

function parse(value: unknown, bytes?: number): Hex {
  try {
    return parseHex(value, { what: 'answer', ...(bytes !== undefined && { bytes }) })
  } catch {
    throw nonsense('hex')
  }
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw nonsense('object')
  return value as Record<string, unknown>
}

function listOf(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw nonsense('list')
  return value
}

function nonsense(what: string): RpcError {
  return new RpcError('RPC_NONSENSE', `The node answered with a malformed ${what}.`)
}

/** Nodes that know no block hash here call their parameters wrong. */
function isAboutParameters(error: unknown): boolean {
  return error instanceof RpcError && error.code === 'RPC_REFUSED' && error.rpcCode === -32602
}

const METHOD_NOT_FOUND = -32_601
/** reth's, Erigon's, geth's and Nethermind's words for state that they no longer have. */
const TOO_OLD = /proof window|too old|missing trie node|prun|historical|archive/i

/** The state is gone, or the node proves nothing at all. */
function provesNot(error: unknown): boolean {
  if (!(error instanceof RpcError) || error.code !== 'RPC_REFUSED') return false
  return TOO_OLD.test(error.said) || error.rpcCode === METHOD_NOT_FOUND
}

/** Thrown where the node does not prove the state of a block, or no longer. The task waits: another backend may, until its windows are over. */
export class ProofWindowError extends EnigmaError {
  override readonly name = 'State.ProofWindowError'
  readonly code = 'PROOF_WINDOW'
  constructor(number: bigint) {
    super(`The node gives no proofs of block ${number}.`, {
      hint: 'Use a node that proves at least the last 128 blocks (reth: --rpc.eth-proof-window 128), or one with an archive.',
    })
  }
}
