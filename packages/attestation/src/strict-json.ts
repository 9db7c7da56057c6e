/**
 * JSON that two readers cannot understand in two ways.
 *
 * `JSON.parse` keeps the last of two fields of one name, Intel's library reads the first: so a name may stand once.
 */

/** Intel's documents nest five deep. */
const MAX_DEPTH = 16

/** Parses `text`, or throws `SyntaxError`. */
export function parseStrictJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  const open: Set<string>[] = []
  // The text has parsed, so strings and brackets are all that its structure can be made of.
  for (const [token, colon] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[{}[\]]/g)) {
    if (token === '{' || token === '[') open.push(new Set())
    if (token === '}' || token === ']') open.pop()
    if (open.length > MAX_DEPTH) throw new SyntaxError(`nested deeper than ${MAX_DEPTH}`)
    if (colon === undefined) continue
    const name = JSON.parse(token.slice(0, -colon.length)) as string
    const names = open.at(-1)
    if (names?.has(name)) throw new SyntaxError('one name twice')
    names?.add(name)
  }
  return value
}
