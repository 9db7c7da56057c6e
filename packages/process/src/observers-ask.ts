/**
 * One question to a URL where an observer, or a mirror of it, answers: what of the answer can be used?
 *
 * Other sources of signed facts, such as drand, are asked by it too. Whoever answers is believed for signatures alone. Whatever else comes back is bounded, and is a fault with a name.
 */
import { EnigmaError } from '@enigma/protocol'

/** Why an answer counted for nothing. */
export type ObserverFault =
  /** The block is not `depth` deep yet. No fault: ask again. */
  | 'TOO_YOUNG'
  /** A true signature of an observer, for another hash of this number. */
  | 'OTHER_HASH'
  | 'UNREACHABLE'
  | 'REFUSED'
  | 'NONSENSE'
  /** Signed by nobody of this network. */
  | 'STRANGER'

export type Question<Vote> = {
  url: string
  path: string
  /** Makes it a POST. */
  body?: unknown
  /** May throw an `EnigmaError` for what it cannot read. */
  parse: (answer: Record<string, unknown>) => Vote | ObserverFault
}

export async function askObserver<Vote extends object>(
  { url, path, body, parse }: Question<Vote>,
  { fetch, signal }: { fetch: typeof globalThis.fetch; signal: AbortSignal },
): Promise<Vote | ObserverFault> {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  try {
    const asked = new URL(path, url.endsWith('/') ? url : `${url}/`)
    const response = await fetch(asked, { signal, redirect: 'error', ...(body === undefined ? {} : post) })
    const text = await readBounded(response)
    if (text === undefined) return 'NONSENSE'
    const answer: unknown = JSON.parse(text)
    if (!response.ok) return isTooYoung(answer) ? 'TOO_YOUNG' : 'REFUSED'
    return isObject(answer) ? parse(answer) : 'NONSENSE'
  } catch (error) {
    return error instanceof EnigmaError || error instanceof SyntaxError ? 'NONSENSE' : 'UNREACHABLE'
  }
}

function isTooYoung(answer: unknown): boolean {
  return isObject(answer) && isObject(answer.error) && answer.error.code === 'HEADER_TOO_YOUNG'
}

async function readBounded(response: Response): Promise<string | undefined> {
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > MOST_BYTES) return undefined
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Ten times an honest answer. */
const MOST_BYTES = 4_096
