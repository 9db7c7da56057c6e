/**
 * The kinds of options that configuration tables are made of. Each parses text or says what is wrong with it.
 */
import { resolve } from 'node:path'
import type { Address, Hex } from '@enigma/protocol'
import type { Option } from './config.ts'
import { Secret } from './secret.ts'

type About = { sentence: string; default?: string }

export const text = (about: About): Option<string> => ({
  kind: 'TEXT',
  parse: (found) => require(found !== '', found, 'is empty'),
  ...about,
})

export const path = (about: About): Option<string> => ({ ...text(about), kind: 'PATH' })

export const httpUrl = (about: About): Option<string> => ({
  kind: 'URL',
  parse: (found) =>
    require(URL.canParse(found) && /^https?:$/.test(new URL(found).protocol), found, 'is not an http(s) URL'),
  ...about,
})

/** URLs with commas between; `-` for none. */
export const httpUrls = (about: About): Option<readonly string[]> => ({
  ...list(httpUrl(about), about),
  parse: (found) => (found === '-' ? [] : list(httpUrl(about), about).parse(found)),
})

export const address = (about: About): Option<Address> => ({
  kind: 'ADDRESS',
  parse: (found) =>
    require(/^0x[0-9a-fA-F]{40}$/.test(found), found, 'is not 0x and 40 hex digits').toLowerCase() as Address,
  ...about,
})

/** Addresses with commas between. */
export const addresses = (about: About): Option<readonly Address[]> => list(address(about), about)

/** A whole number between `least` and `most`. */
export const count = ({ least = 0, most = Number.MAX_SAFE_INTEGER, ...about }: About & Bounds): Option<number> => ({
  kind: 'NUMBER',
  parse: (found) => {
    const value = /^[0-9]{1,16}$/.test(found) ? Number(found) : Number.NaN
    return require(value >= least && value <= most, value, `is not a whole number from ${least} to ${most}`)
  },
  ...about,
})

/** Milliseconds. */
export const milliseconds = (about: About & Bounds): Option<number> => ({ ...count(about), kind: 'MS' })

export const bigCount = (about: About): Option<bigint> => ({
  kind: 'NUMBER',
  parse: (found) => BigInt(require(/^[0-9]{1,30}$/.test(found), found, 'is not a whole number')),
  ...about,
})

export const yesNo = (about: About): Option<boolean> => ({
  kind: 'true|false',
  parse: (found) => require(/^(true|false)$/.test(found), found, 'is neither true nor false') === 'true',
  ...about,
})

/** One of a few words. */
export const choice = <const Word extends string>(words: readonly Word[], about: About): Option<Word> => ({
  kind: words.join('|'),
  parse: (found) => {
    const word = words.find((known) => known === found)
    if (word === undefined) throw new RangeError(`is none of ${words.join(', ')}`)
    return word
  },
  ...about,
})

/** The path of a program; `-` for none. Resolved, since what starts it may stand in another folder. */
export const program = (about: { sentence: string }): Option<string | undefined> => ({
  kind: 'PATH',
  parse: (found) => (require(found !== '', found, 'is empty') === '-' ? undefined : resolve(found)),
  default: '-',
  ...about,
})

/** A secp256k1 private key, from the environment or a file of its own. */
export const privateKey = (about: { sentence: string }): Option<Secret> => ({
  kind: 'KEY',
  secret: true,
  parse: (found) =>
    new Secret(require(/^0x[0-9a-fA-F]{64}$/.test(found), found, 'is not 0x and 64 hex digits').toLowerCase() as Hex),
  ...about,
})

/** The same, or `-` for none. */
export const optionalKey = (about: { sentence: string }): Option<Secret | undefined> => ({
  ...privateKey(about),
  parse: (found) => (found === '-' ? undefined : privateKey(about).parse(found)),
  default: '-',
})

/** Values with commas between, each once. */
function list<T>(one: Option<T>, about: About): Option<readonly T[]> {
  return {
    kind: `${one.kind},…`,
    parse: (found) => {
      const values = found.split(',').map((item) => one.parse(item.trim()))
      return require(new Set(values).size === values.length, values, 'names one twice')
    },
    ...about,
  }
}

type Bounds = { least?: number; most?: number }

function require<T>(holds: boolean, value: T, problem: string): T {
  if (!holds) throw new RangeError(problem)
  return value
}
