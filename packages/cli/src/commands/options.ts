/** The options of every command, apart from its code, so that `--help` loads none of it. */
import type { OptionTable } from '../arguments.ts'

/** More workers than this on one machine only wait for one another. */
const MOST_WORKERS = 32

const workers = {
  type: 'integer',
  value: 'N',
  min: 1,
  max: MOST_WORKERS,
  default: 3,
  text: 'How many workers.',
} as const
const account = {
  type: 'text',
  value: 'NAME',
  text: 'Account of the local network that signs and pays; without it the key in ENIGMA_OPERATOR_KEY.',
} as const
const seat = {
  type: 'integer',
  value: 'SEAT',
  min: 0,
  max: 2 ** 31,
  text: 'The seat; all of them if left out.',
} as const
const ownSeat = { ...seat, text: 'The seat; the account’s only one if left out.' } as const

export const UP = {
  workers,
  port: {
    type: 'integer',
    value: 'PORT',
    min: 0,
    max: 65_535,
    default: 0,
    text: 'Port of the chain; 0 takes a free one.',
  },
  once: { type: 'flag', text: 'Stops again as soon as the network is ready, and says how long that took.' },
} as const satisfies OptionTable

export const DEMO = {
  workers,
  applicants: { type: 'integer', value: 'N', min: 1, max: 7, default: 3, text: 'How many apply at once.' },
  once: { type: 'flag', text: 'Ends after the demo; so does a run whose output is no terminal.' },
} as const satisfies OptionTable

export const WORKER_START = {
  name: {
    type: 'text',
    value: 'NAME',
    text: 'Account of the local network that operates it, such as worker-4; the next free one if left out.',
  },
} as const satisfies OptionTable
export const WORKER_STATUS = { seat } as const satisfies OptionTable
export const WORKER_LEAVE = { seat: ownSeat, account } as const satisfies OptionTable
export const WORKER_WITHDRAW = {
  seat: ownSeat,
  account,
  to: { type: 'text', value: 'ADDRESS', text: 'Who is paid; the account itself if left out.' },
} as const satisfies OptionTable

export const QUOTE_VERIFY = {
  collateral: { type: 'text', value: 'FILE', required: true, text: 'JSON file with the collateral.' },
  at: {
    type: 'integer',
    value: 'UNIX',
    min: 0,
    max: 2 ** 40,
    text: 'Time to judge at, in Unix seconds; now if left out.',
  },
  'trust-root': {
    type: 'text',
    value: 'ROOT',
    default: 'intel',
    text: 'Whose root certificate the quote must lead to: intel, simulated, or a DER file.',
  },
} as const satisfies OptionTable

export const NONE = {} as const satisfies OptionTable
