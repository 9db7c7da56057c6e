import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { ConfigError, readConfig, type Table } from './config.ts'
import { helpText, markdownTable } from './help.ts'
import * as options from './options.ts'

const table = {
  rpcUrl: options.httpUrl({ sentence: 'JSON-RPC of a node.' }),
  pollMs: options.milliseconds({ sentence: 'Time between looks.', default: '500', least: 10 }),
  enigma: options.address({ sentence: 'The contract.', default: `0x${'00'.repeat(20)}` }),
  verbose: options.yesNo({ sentence: 'Whether to say more.', default: 'false' }),
  operatorKey: options.privateKey({ sentence: 'Key that pays.' }),
} satisfies Table

const KEY = `0x${'5e'.repeat(32)}`
const env = { ENIGMA_OPERATOR_KEY: KEY, ENIGMA_RPC_URL: 'http://env' }

function problemsOf(argv: string[], given: Record<string, string>, file?: string): readonly string[] {
  try {
    readConfig(table, { argv, env: given, readFile: () => file ?? '' })
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('readConfig', () => {
  test('S21: repeats nothing of a secret that was given as if it had a flag', () => {
    expect(problemsOf(['--operator-key', KEY], { ENIGMA_RPC_URL: 'http://env' })).toEqual([
      '--operator-key: no such option',
      'ENIGMA_OPERATOR_KEY or --operator-key-file is missing: Key that pays.',
    ])
  })

  test('prefers flags to the environment, that to the file, and the file to defaults', () => {
    const file = JSON.stringify({ rpcUrl: 'http://file', pollMs: 30, verbose: true })
    const readFile = () => file
    const sources = { env: { ...env, ENIGMA_POLL_MS: '20' }, readFile }
    expect(readConfig(table, { argv: ['--rpc-url', 'http://flag', '--config', 'c.json'], ...sources })).toMatchObject({
      rpcUrl: 'http://flag',
      pollMs: 20,
      verbose: true,
      enigma: `0x${'00'.repeat(20)}`,
    })
    expect(readConfig(table, { argv: [], env })).toMatchObject({ rpcUrl: 'http://env', pollMs: 500, verbose: false })
  })

  test('reports everything that is wrong at once', () => {
    const problems = problemsOf(
      [
        '--poll-ms',
        '3',
        '--enigma',
        '0x12',
        '--nonsense',
        '--verbose',
        'maybe',
        '--verbose',
        'true',
        'stray',
        '--config',
        'c.json',
      ],
      {},
      JSON.stringify({ rpcUrl: 'ftp://x', colour: 'red', operatorKey: KEY, pollMs: [1] }),
    )
    const all = problems.join('\n')
    for (const part of [
      '--poll-ms: is not a whole number from 10',
      '--enigma: is not 0x and 40 hex digits',
      '--nonsense: no such option',
      '--verbose: given twice',
      'stray: not an option',
      '"colour" in the file: no such option',
      '"operatorKey" in the file: a secret does not belong here',
      '"pollMs" in the file: not a plain value',
      '"rpcUrl" in the file: is not an http(s) URL',
      'ENIGMA_OPERATOR_KEY or --operator-key-file is missing',
    ]) {
      expect(all).toContain(part)
    }
  })

  test('refuses a file that is missing, cut or no object', () => {
    expect(problemsOf(['--config', 'c.json'], env, '{"rpcUrl"')).toEqual(['c.json: not a JSON object'])
    expect(problemsOf(['--config', 'c.json'], env, '[]')).toEqual(['c.json: not a JSON object'])
    const missing = () => readConfig(table, { argv: ['--config', '/nowhere/c.json'], env })
    expect(missing).toThrow('--config: cannot read /nowhere/c.json')
  })

  test('reads a secret from a file of its own', () => {
    const read = readConfig(table, {
      argv: ['--operator-key-file', 'key'],
      env: { ENIGMA_RPC_URL: 'http://env' },
      readFile: () => `${KEY}\n`,
    })
    expect(read.operatorKey.reveal()).toBe(KEY)
  })

  test('S21: a secret is no flag, and is shown by no error, text, JSON or inspection', () => {
    expect(problemsOf(['--operator-key', KEY], env).join()).not.toContain(KEY)
    const broken = `${KEY}00`
    expect(problemsOf([], { ...env, ENIGMA_OPERATOR_KEY: broken }).join()).not.toContain('5e5e5e')
    const { operatorKey } = readConfig(table, { argv: [], env })
    for (const shown of [
      String(operatorKey),
      JSON.stringify({ operatorKey }),
      inspect({ operatorKey }, { depth: 9 }),
    ]) {
      expect(shown).not.toContain('5e5e5e')
    }
  })
})

test('help and docs name every option, and a secret only by its file', () => {
  const help = helpText('A program.', table)
  const markdown = markdownTable(table)
  for (const key of ['--rpc-url', '--poll-ms', '--enigma', '--verbose', '--operator-key-file']) {
    expect(help).toContain(key)
    expect(markdown).toContain(key)
  }
  expect(help).not.toContain('--operator-key ')
})

describe('an option', () => {
  test('of a few words takes one of them', () => {
    const { parse, kind } = options.choice(['one', 'two'], { sentence: 'Which.' })
    expect([parse('two'), kind]).toEqual(['two', 'one|two'])
    for (const wrong of ['three', 'On', '']) expect(() => parse(wrong)).toThrow('is none of one, two')
  })

  test('that names a program gives its full path, or nothing', () => {
    const { parse, default: none = '' } = options.program({ sentence: 'Which.' })
    expect(parse('/bin/core')).toBe('/bin/core')
    expect(parse('core')).toBe(`${process.cwd()}/core`)
    expect(parse(none)).toBeUndefined()
    expect(() => parse('')).toThrow('is empty')
  })

  test('of many addresses or URLs takes each once, with commas between', () => {
    const [one, two] = [`0x${'1A'.repeat(20)}`, `0x${'2b'.repeat(20)}`]
    const { parse, kind } = options.addresses({ sentence: 'Which.' })
    expect([parse(`${one}, ${two}`), kind]).toEqual([[one.toLowerCase(), two], 'ADDRESS,…'])
    expect(() => parse(`${one},${one.toLowerCase()}`)).toThrow('names one twice')
    for (const wrong of ['', '-', `${one},`, `${one} ${two}`]) expect(() => parse(wrong)).toThrow('is not 0x')
    const urls = options.httpUrls({ sentence: 'Where.' })
    expect(urls.parse('http://a, https://b/c')).toEqual(['http://a', 'https://b/c'])
    expect(urls.parse('-')).toEqual([])
    for (const wrong of ['', 'ftp://a', 'http://a,-']) expect(() => urls.parse(wrong)).toThrow('is not an http(s) URL')
  })
})
