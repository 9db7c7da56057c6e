/**
 * The state of one block as the client's own RPC proves it: header, accounts, slots, code.
 *
 * The block itself is the RPC's word: a simulation is told which chain it runs on, a Core is not. Below the header's state
 * root nothing is believed, so that what is simulated is what a Core could be shown.
 */
import { ProvenView, type Wanted } from '@enigma/evm/private'
import { decodeHeader, type Header, ProofError } from '@enigma/evm/proof'
import { headerRlp, ProofWriter, type RpcProof } from '@enigma/evm/proof/writer'
import { type Address, EnigmaError, type Hex, hexToBytes, parseHex } from '@enigma/protocol'
import { BaseError, type EIP1193RequestFn, numberToHex } from 'viem'
import { type ChainClient, isOutage } from '../connection.ts'

export type ChainState = {
  readonly view: ProvenView
  /** Fetches what is wanted, and has the view take it over. */
  prove(wanted: Wanted): Promise<void>
}

/** Of one account in one call: geth refuses more than 1,024, others less. */
const SLOTS_PER_CALL = 256

/** The state at the end of block `number`, the latest if not given. */
export async function openChainState(client: ChainClient, number: bigint | undefined): Promise<ChainState> {
  const request = client.request as EIP1193RequestFn
  const view = new ProvenView(await fetchHeader(request, number))
  const block = numberToHex(view.header.number)
  const writer = new ProofWriter()
  const asked = new Set<string>()
  const codesSent = new Set<Hex>()

  async function fetchProof(address: Address, slots: readonly Hex[]): Promise<RpcProof> {
    const answer = await request({ method: 'eth_getProof', params: [address, slots, block] }).catch(
      (cause: unknown) => {
        throw isRefusal(cause) ? new NoProofsError(view.header.number, cause) : cause
      },
    )
    return sensible('proof', () => readProof(address, slots, answer))
  }

  async function fetchCode(address: Address): Promise<Uint8Array> {
    const answer = await request({ method: 'eth_getCode', params: [address, block] })
    return sensible('code', () => hexToBytes(answer as Hex))
  }

  return {
    view,
    async prove({ accounts, slots }) {
      const wanted = [...accounts, ...slots.map(({ address, slot }) => `${address}${slot}`)]
      // It was answered, and still it is not proven.
      if (wanted.every((key) => asked.has(key))) throw new UnprovenStateError(view.header.number)
      for (const key of wanted) asked.add(key)
      const [proofs, codes] = await Promise.all([
        Promise.all(callsFor({ accounts, slots }).map(([address, slots]) => fetchProof(address, slots))),
        Promise.all(accounts.map(fetchCode)),
      ])
      const hashes = accounts.map((address) => proofs.find((proof) => proof.address === address)?.codeHash ?? '0x')
      const fresh = codes.filter((code, i) => code.length > 0 && isNew(codesSent, hashes[i] as Hex))
      try {
        view.learn(writer.write(proofs, fresh))
      } catch (error) {
        throw error instanceof ProofError ? new UnprovenStateError(view.header.number, error) : error
      }
    },
  }
}

async function fetchHeader(request: EIP1193RequestFn, number: bigint | undefined): Promise<Header> {
  const tag = number === undefined ? 'latest' : numberToHex(number)
  const block: unknown = await request({ method: 'eth_getBlockByNumber', params: [tag, false] })
  if (block === null) throw new UnknownBlockError(number)
  const header = sensible('block', () => decodeHeader(headerRlp(block as Record<string, unknown>)))
  const isAsked = number === undefined || header.number === number
  if (!isAsked || header.hash !== (block as { hash: unknown }).hash) throw new NonsenseError('block')
  return header
}

/** One call for each account, and more where its slots are many. */
function callsFor({ accounts, slots }: Wanted): [Address, Hex[]][] {
  const slotsOf = new Map<Address, Hex[]>(accounts.map((address) => [address, []]))
  for (const { address, slot } of slots) slotsOf.set(address, [...(slotsOf.get(address) ?? []), slot])
  return [...slotsOf].flatMap(([address, slots]) =>
    Array.from({ length: Math.max(1, Math.ceil(slots.length / SLOTS_PER_CALL)) }, (_, i): [Address, Hex[]] => [
      address,
      slots.slice(i * SLOTS_PER_CALL, (i + 1) * SLOTS_PER_CALL),
    ]),
  )
}

/** What the RPC says of the account is the proof's to say: taken are the nodes, in the order of the question. */
function readProof(address: Address, slots: readonly Hex[], answer: unknown): RpcProof {
  const { codeHash, accountProof, storageProof } = answer as Record<string, unknown>
  const nodes = (list: unknown): Hex[] => (list as unknown[]).map((node) => parseHex(node, { what: 'node' }))
  return {
    address,
    codeHash: parseHex(codeHash, { bytes: 32, what: 'codeHash' }),
    accountProof: nodes(accountProof),
    storageProof: slots.map((key, i) => ({ key, proof: nodes((storageProof as { proof: unknown }[])[i]?.proof) })),
  }
}

/** Runs a reader of an RPC's answer; what it throws means that the answer is none. */
function sensible<Value>(what: string, read: () => Value): Value {
  try {
    return read()
  } catch (cause) {
    throw new NonsenseError(what, cause)
  }
}

function isNew<Value>(known: Set<Value>, value: Value): boolean {
  return !known.has(value) && known.add(value).has(value)
}

function isRefusal(error: unknown): boolean {
  return error instanceof BaseError && !isOutage(error)
}

/** The RPC knows no eth_getProof, or has the state of this block no longer. */
export class NoProofsError extends EnigmaError {
  override readonly name = 'NoProofsError'
  readonly code = 'NO_PROOFS'
  constructor(number: bigint, cause: unknown) {
    const said = cause instanceof BaseError ? cause.shortMessage : 'no reason'
    super(`The RPC does not prove the state of block ${number}: ${said}`, {
      hint: 'Use an RPC that serves eth_getProof for this block: a recent one, or a node with an archive.',
      cause,
    })
  }
}

/** What the RPC said of the state does not follow from the block's header. */
export class UnprovenStateError extends EnigmaError {
  override readonly name = 'UnprovenStateError'
  readonly code = 'UNPROVEN_STATE'
  constructor(number: bigint, cause?: ProofError) {
    super(
      `What the RPC says of the state at the end of block ${number} is not proven${cause ? ` (${cause.code})` : ''}.`,
      {
        hint: 'Ask again, since the block may have been replaced meanwhile; if it stays so, use another RPC.',
        cause,
      },
    )
  }
}

export class UnknownBlockError extends EnigmaError {
  override readonly name = 'UnknownBlockError'
  readonly code = 'UNKNOWN_BLOCK'
  constructor(number: bigint | undefined) {
    super(`The RPC knows no block ${number ?? 'at all'}.`, { hint: 'Leave blockNumber out for the latest.' })
  }
}

export class NonsenseError extends EnigmaError {
  override readonly name = 'NonsenseError'
  readonly code = 'RPC_NONSENSE'
  constructor(what: string, cause?: unknown) {
    super(`The RPC answered with a ${what} that is none.`, {
      hint: 'Its chain has another form of headers or proofs than Ethereum, or it lies: use another RPC.',
      cause,
    })
  }
}
