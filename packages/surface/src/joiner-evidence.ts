/**
 * What a donor's Core has to be shown of another seat: its quote, whole again, and the collateral of its platform.
 *
 * Both are verified by Core and believed by nobody else: the quote comes from the chain's events, the collateral from whoever
 * serves it.
 */
import { assembleQuote, type Collateral, parseCollateral, platformOfLeaf } from '@enigma/attestation'
import { EnigmaError, type Hex, hexToBytes } from '@enigma/protocol'
import type { KeyRegistry } from './key-registry.ts'
import type { EthereumNode } from './node.ts'

export type JoinerEvidence = {
  identity: { inputKey: Hex; identityBlock: bigint; identityBlockHash: Hex }
  quote: Uint8Array
  collateral: string
}
export type CollateralSource = (platform: { fmspc: string; ca: string }) => Promise<Collateral>

/** A platform's record has six words; no certificate is so short. */
const RECORD_BYTES = 192
/** Ten times an honest answer; Core takes 700,000. */
const MOST_BYTES = 600_000
const PATIENCE_MS = 15_000

type Parts = { registry: Pick<KeyRegistry, 'shownIn'>; node: Pick<EthereumNode, 'block'>; collateral: CollateralSource }

export async function evidenceOf(
  seat: number,
  { quoteBlock, leafBlock }: { quoteBlock: bigint; leafBlock: bigint },
  { registry, node, collateral: source }: Parts,
): Promise<JoinerEvidence> {
  const latest = await registry.shownIn(seat, quoteBlock)
  const earlier = leafBlock === quoteBlock ? [] : await registry.shownIn(seat, leafBlock)
  const shown = latest.at(-1)
  const leaf = [...earlier, ...latest]
    .map(({ evidence }) => hexToBytes(evidence))
    .findLast((evidence) => evidence.length !== RECORD_BYTES)
  if (!shown || !leaf) throw new NoEvidenceError(seat)
  const [block, collateral] = await Promise.all([node.block(shown.identityBlock), source(platformOfLeaf(leaf))])
  const { pckCrlIssuerChain } = collateral
  if (!block || pckCrlIssuerChain === undefined) throw new NoEvidenceError(seat)
  return {
    identity: {
      inputKey: shown.inputKey,
      identityBlock: shown.identityBlock,
      identityBlockHash: block.hash,
    },
    quote: assembleQuote(hexToBytes(shown.quote), leaf, pckCrlIssuerChain),
    collateral: JSON.stringify(collateral),
  }
}

/** Asks an Attestation service, or any mirror of one. */
export function collateralFrom(serviceUrl: string, signal: AbortSignal): CollateralSource {
  const base = serviceUrl.endsWith('/') ? serviceUrl : `${serviceUrl}/`
  return async (platform) => {
    const url = new URL('v1/collateral', base)
    url.search = new URLSearchParams(platform).toString()
    const over = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)])
    try {
      const response = await fetch(url, { signal: over, redirect: 'error' })
      if (!response.ok) throw new RangeError(`it answered ${response.status}`)
      return parseCollateral(JSON.parse(await readBounded(response)))
    } catch (cause) {
      throw new NoCollateralError(url.origin, cause)
    }
  }
}

async function readBounded(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > MOST_BYTES) throw new RangeError(`it sent more than ${MOST_BYTES} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

export class NoEvidenceError extends EnigmaError {
  override readonly name = 'JoinerEvidence.NoEvidenceError'
  readonly code = 'NO_EVIDENCE'
  constructor(seat: number) {
    super(`The node and the Attestation service do not show what seat ${seat} was admitted by.`, {
      hint: 'Nothing to do where other workers hold the secret too; else use a node that keeps its logs.',
    })
  }
}

export class NoCollateralError extends EnigmaError {
  override readonly name = 'JoinerEvidence.NoCollateralError'
  readonly code = 'NO_COLLATERAL'
  constructor(origin: string, cause: unknown) {
    super(`No collateral from ${origin}.`, {
      hint: 'Set --attestation-url to an Attestation service that runs: without one this worker hands no secret on.',
      cause,
    })
  }
}
