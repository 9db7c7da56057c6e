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
  // One enclave alone holds no secret that stored data could rest on.
  workers: { ...workers, min: 2 },
  members: { type: 'integer', value: 'N', min: 3, max: 7, default: 3, text: 'How many compare their fortunes.' },
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

export const OBSERVER = {
  'observer-key-file': {
    type: 'text',
    value: 'FILE',
    text: 'File with the key that signs; without it the key in ENIGMA_OBSERVER_KEY. It needs no ether.',
  },
  'rpc-url': { type: 'text', value: 'URL', text: 'JSON-RPC of a node of your own; the local network’s if left out.' },
  'chain-id': { type: 'text', value: 'N', text: 'Chain id that the node must serve; the local network’s if left out.' },
  depth: {
    type: 'text',
    value: 'N',
    text: 'Blocks on top of a block before it is signed, as the contract announced; the local network’s if left out.',
  },
  'data-dir': {
    type: 'text',
    value: 'PATH',
    text: 'Directory of this observer alone: what it has signed. .enigma/observer if left out.',
  },
  'follow-reorganisations': {
    type: 'flag',
    text: 'Signs anew for a number whose block was exchanged. For development chains only.',
  },
  host: { type: 'text', value: 'HOST', text: 'Address to listen on; 127.0.0.1 if left out.' },
  port: { type: 'text', value: 'PORT', text: 'Port to listen on; 8083 if left out, 0 takes a free one.' },
} as const satisfies OptionTable

export const TASK_TRACE = {
  abi: {
    type: 'text',
    value: 'FILE',
    text: 'JSON file with the contract’s ABI, for its errors and results; an example of the local network needs none.',
  },
  from: {
    type: 'text',
    value: 'ACCOUNT',
    default: 'alice',
    text: 'Who would ask: an address, or an account of the local network by name.',
  },
  block: {
    type: 'integer',
    value: 'N',
    min: 0,
    max: 2 ** 40,
    text: 'The state at the end of this block; of the latest if left out.',
  },
  'gas-class': {
    type: 'integer',
    value: 'N',
    min: 0,
    max: 12,
    default: 6,
    text: 'The function may take 2^(16 + N) gas.',
  },
} as const satisfies OptionTable

export const TASK_END = { account } as const satisfies OptionTable

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
  policy: {
    type: 'text',
    value: 'FILE',
    text: 'JSON file with the policy that decides; without it only what no policy may accept is refused.',
  },
} as const satisfies OptionTable

export const ATTESTATION_SYNC = {
  rpc: { type: 'text', value: 'URL', text: 'JSON-RPC of the chain; the local network’s if left out.' },
  verifier: {
    type: 'text',
    value: 'ADDRESS',
    text: 'DcapVerifier that keeps the collateral; the local network’s if left out.',
  },
  enigma: {
    type: 'text',
    value: 'ADDRESS',
    text: 'Enigma contract; the kinds of platform of its seats are included.',
  },
  fmspc: { type: 'text', value: 'HEX', text: 'Kinds of platform, 12 hex digits each, separated by commas.' },
  ca: {
    type: 'text',
    value: 'CA',
    default: 'platform',
    choices: ['platform', 'processor', 'both'],
    text: 'Whose revocation list is included whatever the seats need.',
  },
  service: {
    type: 'text',
    value: 'URL',
    text: 'An Attestation service, a PCCS, or Intel’s PCS, without path; the local network’s, else Intel’s.',
  },
  'key-file': {
    type: 'text',
    value: 'FILE',
    text: 'File with the key that pays; without it the key in ENIGMA_KEEPER_KEY.',
  },
  account: {
    type: 'text',
    value: 'NAME',
    text: 'Account of the local network that pays, in place of a key; its deployer if neither is given.',
  },
  'dry-run': { type: 'flag', text: 'Says what would be sent, and sends nothing.' },
} as const satisfies OptionTable

const governance = {
  ...account,
  text: 'Account of the local network that signs; its deployer if neither this nor ENIGMA_OPERATOR_KEY is given.',
} as const

export const NETWORK_ROTATE = {
  account: governance,
  'no-wait': { type: 'flag', text: 'Ends once the generation is open, and does not wait until it is final.' },
} as const satisfies OptionTable
export const NETWORK_FREEZE = {
  account: governance,
  end: { type: 'flag', text: 'Ends the freeze; only the governor may.' },
} as const satisfies OptionTable
export const NETWORK_PAUSE = {
  account: governance,
  days: { type: 'integer', value: 'N', min: 1, max: 14, default: 14, text: 'How long at most.' },
} as const satisfies OptionTable
export const NETWORK_OBSERVERS = {
  account: governance,
  observers: {
    type: 'text',
    value: 'LIST',
    required: true,
    text: 'Addresses of all observers that there will be, with commas between.',
  },
  threshold: {
    type: 'integer',
    value: 'N',
    min: 1,
    max: 32,
    default: 1,
    text: 'How many of them must sign for a header.',
  },
  depth: {
    type: 'integer',
    value: 'N',
    min: 0,
    max: 64,
    default: 0,
    text: 'Blocks on top of a block before they sign for it.',
  },
  epoch: {
    type: 'text',
    value: 'N',
    required: true,
    text: 'The first epoch with them. A timelock’s delay passes before it is announced, and more epochs after that.',
  },
} as const satisfies OptionTable
export const NETWORK_GOVERN = { account: governance } as const satisfies OptionTable

const rpc = { type: 'text', value: 'URL', text: 'JSON-RPC of the chain; the one in the file if left out.' } as const

export const DEPLOY = {
  rpc,
  'key-file': {
    type: 'text',
    value: 'FILE',
    text: 'File with the key that deploys and pays; without it the key in ENIGMA_DEPLOYER_KEY.',
  },
  owner: {
    type: 'text',
    value: 'ADDRESS',
    text: 'Account that will deploy, for a dry run without its key: the addresses depend on it.',
  },
  out: { type: 'text', value: 'FILE', text: 'Where the network file is written; NAME.network.json if left out.' },
  'dry-run': { type: 'flag', text: 'Says what would be deployed, where, and for how much gas; sends nothing.' },
} as const satisfies OptionTable
export const DEPLOY_VERIFY = { rpc } as const satisfies OptionTable

export const NONE = {} as const satisfies OptionTable
