/** `enigma quote verify`: is this quote genuine, what does it vouch for, and does a policy take it? */
import {
  AttestationError,
  type Collateral,
  checkPolicy,
  defaultPolicy,
  type Policy,
  parseCollateral,
  parsePolicy,
  type TrustRoot,
  trustRootOf,
  trustRoots,
  type Verdict,
  verifyQuote,
} from '@enigma/attestation'
import { bytesToHex } from '@enigma/protocol'
import type { Context, Run } from '../command.ts'
import { readUserFile, readUserJson, UserFileError } from '../files.ts'
import type { Output } from '../output.ts'
import type { QUOTE_VERIFY } from './options.ts'
import { readQuote } from './quote-file.ts'

export const quoteVerify: Run<typeof QUOTE_VERIFY> = async (values, [quoteFile = ''], context) => {
  const { output, cwd } = context
  const quote = await readQuote(cwd, quoteFile)
  const collateral = new TextDecoder().decode(await readUserFile(cwd, values.collateral))
  const trustRoot = await readTrustRoot(values['trust-root'], context)
  const policy = values.policy === undefined ? undefined : await readPolicy(values.policy, context)
  const at = values.at ?? Math.floor(Date.now() / 1000)
  try {
    // Without a policy everything but taste: cryptography, dates, revocation, TCB matching and the DEBUG bit.
    const verdict = verifyQuote(quote, readCollateral(collateral), { at, trustRoot, policy: policy ?? 'report-only' })
    show(verdict, output)
    const byPolicy = policy ? {} : { defaultPolicy: judge(verdict, output) }
    output.answer({ accept: true, ...verdict, ...byPolicy })
    return 0
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error
    output.say(`${output.style(['red', 'bold'], 'refused')} ${error.code}: ${error.message}`)
    if (error.hint !== undefined) output.say(`        ${error.hint}`)
    output.answer({ accept: false, code: error.code, message: error.message })
    return 1
  }
}

/** Collateral comes from strangers, as quotes do: what is not JSON is refused by its code. */
function readCollateral(text: string): Collateral {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    // Left undefined, which is no collateral either.
  }
  return parseCollateral(json)
}

/** What the default policy says of a verdict that was made without one. */
function judge(verdict: Verdict, { say, style }: Output): { accept: true } | { accept: false; code: string } {
  try {
    checkPolicy(verdict, defaultPolicy)
    say('  The default policy takes it.')
    return { accept: true }
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error
    say(style('yellow', `  The default policy refuses it: ${error.code}.`))
    return { accept: false, code: error.code }
  }
}

async function readPolicy(file: string, { cwd }: Context): Promise<Policy> {
  const json = await readUserJson(cwd, file)
  try {
    return parsePolicy(json)
  } catch (error) {
    if (error instanceof AttestationError) throw new UserFileError(file, error.message)
    throw error
  }
}

async function readTrustRoot(name: string, { cwd }: Context): Promise<TrustRoot> {
  if (name === 'intel' || name === 'simulated') return trustRoots[name]
  return trustRootOf(await readUserFile(cwd, name))
}

function show(verdict: Verdict, { say, style }: Output): void {
  say(`${style(['green', 'bold'], 'genuine')} ${verdict.tee.toUpperCase()} quote under the ${verdict.trustRoot} root`)
  if (verdict.trustRoot === 'simulated') say(style('yellow', '        simulated hardware: nothing it runs is private'))
  say(
    `  TCB status    ${verdict.tcbStatus}${verdict.advisoryIds.length > 0 ? ` (${verdict.advisoryIds.join(', ')})` : ''}`,
  )
  say(`  measurement   ${verdict.measurement}`)
  say(`  report data   ${bytesToHex(verdict.reportData)}`)
  say(`  platform      FMSPC ${verdict.fmspc}, id ${verdict.platformId}`)
  say(`  valid         until ${new Date(verdict.validUntil * 1000).toISOString()}`)
}
