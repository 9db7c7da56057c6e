/** Trust domains that are not good enough: the checks that only TDX has. */
import type { Case } from './forge.ts'
import { forgeTdQuote, type TdOptions } from './td-quote.ts'
import { isvLevel, moduleIdentity, tdxInfo, version4 } from './td-world.ts'

const domain = (changes: Partial<TdOptions> = {}, tcbInfo: object = {}) => ({
  quote: () => forgeTdQuote({ ...version4, ...changes }),
  tcbInfo: { ...tdxInfo, ...tcbInfo },
  qeIdentity: { id: 'TD_QE' },
})
const noLevelFor = [{ ...moduleIdentity, id: 'TDX_01', tcbLevels: [isvLevel(4, 'UpToDate')] }]

export const refusedTdx: readonly Case[] = [
  ['TCB_INFO_VERSION', 'version 2, which knows no TDX', domain({}, { version: 2 })],
  ['TCB_INFO_MISMATCH', 'a trust domain with the TCB info of SGX', domain({}, { id: 'SGX' })],
  ['QE_IDENTITY_MISMATCH', "a trust domain with SGX's quoting enclave", { ...domain(), qeIdentity: { id: 'QE' } }],
  ['TCB_NOT_SUPPORTED', 'a trust domain below every level', domain({ teeTcbSvn: [0, 0, 0] })],
  ['TDX_MODULE_MISSING', 'no word about the module', domain({}, { tdxModule: undefined })],
  [
    'TDX_MODULE_MISSING',
    'no word about the module where its version is known',
    domain({ teeTcbSvn: [4, 1, 2] }, { tdxModule: undefined }),
  ],
  ['TDX_MODULE_MISMATCH', 'a module of another signer', domain({ mrSignerSeam: Uint8Array.of(1) })],
  ['TDX_MODULE_MISMATCH', 'a module with attributes', domain({ seamAttributes: Uint8Array.of(1) })],
  ['TDX_MODULE_MISMATCH', 'a module of an unknown version', domain({ teeTcbSvn: [5, 9, 2] })],
  [
    'TDX_MODULE_NOT_SUPPORTED',
    'a module below every level',
    domain({ teeTcbSvn: [3, 1, 2] }, { tdxModuleIdentities: noLevelFor }),
  ],
  ['DEBUG_ENCLAVE', 'a trust domain that its host may debug', domain({ tdAttributes: 1 })],
]
