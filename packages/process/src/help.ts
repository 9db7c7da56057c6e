/**
 * What a configuration table looks like to people: `--help`, and the table in the docs.
 */
import { environmentOf, flagOf, type Option, type Table } from './config.ts'

/** The text of `--help`. */
export function helpText(usage: string, table: Table): string {
  const rows = Object.entries(table).map(
    ([key, option]) => [`${flagFor(key, option)} ${option.kind}`, meaning(option)] as const,
  )
  const width = Math.max(...rows.map(([left]) => left.length))
  return [
    usage,
    '',
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`),
    `  ${'--config PATH'.padEnd(width)}  JSON file with any of these, keys in camelCase.`,
    '',
    'Each can also come from the environment: --rpc-url from ENIGMA_RPC_URL, and so on. Flags win over the environment,',
    'the environment over the file, the file over the defaults. Secrets come from the environment or a file of their own.',
  ].join('\n')
}

/** The same as a Markdown table. */
export function markdownTable(table: Table): string {
  const rows = Object.entries(table).map(
    ([key, option]) =>
      `| \`${flagFor(key, option)}\` | \`${environmentOf(key)}\` | ${option.kind.replaceAll('|', ' or ')} | ${
        option.default ? `\`${option.default}\`` : ''
      } | ${option.sentence} |`,
  )
  return ['| flag | environment | type | default | meaning |', '| --- | --- | --- | --- | --- |', ...rows].join('\n')
}

function flagFor(key: string, option: Option<unknown>): string {
  return flagOf(option.secret ? `${key}File` : key)
}

function meaning(option: Option<unknown>): string {
  return option.default === undefined ? option.sentence : `${option.sentence} (default ${option.default || 'none'})`
}
