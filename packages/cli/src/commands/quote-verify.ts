/** `enigma quote verify`: is this quote genuine, what does it vouch for, and would the default policy take it? */
import {
  AttestationError,
  checkPolicy,
  defaultPolicy,
  parseCollateral,
  type TrustRoot,
  trustRootOf,
  trustRoots,
  type Verdict,
  verifyQuote,
} from '@enigma/attestation'
import { bytesToHex } from '@enigma/protocol'
import type { Context, Run } from '../command.ts'
import { readUserBytes, readUserFile, readUserJson } from '../files.ts'
import type { Output } from '../output.ts'
import type { QUOTE_VERIFY } from './options.ts'

export const quoteVerify: Run<typeof QUOTE_VERIFY> = async (values, [quoteFile = ''], context) => {
  const { output, cwd } = context
  const quote = await readUserBytes(cwd, quoteFile)
  const json = await readUserJson(cwd, values.collateral)
  const trustRoot = await readTrustRoot(values['trust-root'], context)
  const at = values.at ?? Math.floor(Date.now() / 1000)
  try {
    // Everything but taste: cryptography, dates, revocation, TCB matching and the DEBUG bit.
    const verdict = verifyQuote(quote, parseCollateral(json), { at, trustRoot, policy: 'report-only' })
    const byPolicy = judge(verdict)
    show(verdict, byPolicy, output)
    output.answer({ accept: true, ...verdict, defaultPolicy: byPolicy })
    return 0
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error
    output.say(`${output.style(['red', 'bold'], 'refused')} ${error.code}: ${error.message}`)
    if (error.hint !== undefined) output.say(`        ${error.hint}`)
    output.answer({ accept: false, code: error.code, message: error.message })
    return 1
  }
}

type ByPolicy = { accept: true } | { accept: false; code: string }

function judge(verdict: Verdict): ByPolicy {
  try {
    checkPolicy(verdict, defaultPolicy)
    return { accept: true }
  } catch (error) {
    if (error instanceof AttestationError) return { accept: false, code: error.code }
    throw error
  }
}

async function readTrustRoot(name: string, { cwd }: Context): Promise<TrustRoot> {
  if (name === 'intel' || name === 'simulated') return trustRoots[name]
  return trustRootOf(await readUserFile(cwd, name))
}

function show(verdict: Verdict, byPolicy: ByPolicy, { say, style }: Output): void {
  say(`${style(['green', 'bold'], 'genuine')} ${verdict.tee.toUpperCase()} quote under the ${verdict.trustRoot} root`)
  if (verdict.trustRoot === 'simulated') say(style('yellow', '        simulated hardware: nothing it runs is private'))
  say(
    `  TCB status    ${verdict.tcbStatus}${verdict.advisoryIds.length > 0 ? ` (${verdict.advisoryIds.join(', ')})` : ''}`,
  )
  say(`  measurement   ${verdict.measurement}`)
  say(`  report data   ${bytesToHex(verdict.reportData)}`)
  say(`  platform      FMSPC ${verdict.fmspc}, id ${verdict.platformId}`)
  say(`  valid         until ${new Date(verdict.validUntil * 1000).toISOString()}`)
  say(
    byPolicy.accept
      ? '  The default policy takes it.'
      : style('yellow', `  The default policy refuses it: ${byPolicy.code}.`),
  )
}
