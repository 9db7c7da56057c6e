/** What a contract answers to a call that it would not take. */
import { dcapVerifierAbi, enigmaAbi } from '@enigma/contracts'
import type { Hex } from '@enigma/protocol'
import { BaseError, decodeErrorResult, hexToString } from 'viem'

const errors = [...enigmaAbi, ...dcapVerifierAbi].filter(({ type }) => type === 'error')

/** The name of the contract's error or, of a quote or a document, the verifier's code. Throws whatever is none of these. */
export function refusalOf(error: unknown): string {
  const raw = error instanceof BaseError && error.walk((cause) => dataOf(cause) !== undefined)
  const data = raw ? dataOf(raw) : undefined
  if (data === undefined) throw error
  const { errorName, args } = decodeErrorResult({ abi: errors, data })
  return errorName === 'AttestationRefused' ? hexToString((args as [Hex])[0], { size: 32 }) : errorName
}

function dataOf(cause: unknown): Hex | undefined {
  const { data, raw } = cause as { data?: unknown; raw?: unknown }
  return [raw, data].find((found): found is Hex => typeof found === 'string' && found.length >= 10)
}
