/** Quotes of version 4 and 5 over trust domains, as a TD quoting enclave writes them. Tests only. */
import { concatBytes } from '@enigma/protocol'
import { createAuthority } from '../simulated/authority.ts'
import { sign } from '../simulated/keys.ts'
import { createPlatform } from '../simulated/platform.ts'
import { TD10_REPORT_BYTES, TD15_REPORT_BYTES } from '../td-report.ts'
import { forge, reportData } from './forge.ts'

export type TdOptions = {
  version: 4 | 5
  kind: 'td10' | 'td15'
  teeTcbSvn?: readonly number[]
  mrSignerSeam?: Uint8Array
  seamAttributes?: Uint8Array
  tdAttributes?: number
  teeTcbSvn2?: readonly number[]
}

const SIGNATURE_DATA = 436

/** A quote from the machine of `forge`: its QE report and chain serve as they are, in the wrapping of version 4. */
export function forgeTdQuote(options: TdOptions): Uint8Array {
  const sgxQuote = forge().quote
  const signed = writeSigned(sgxQuote.subarray(0, 48), writeReport(options), options)
  const { attestationKey } = createPlatform(createAuthority('forged'), 'machine')
  const certification = sgxQuote.subarray(SIGNATURE_DATA + 128)
  const signatureData = concatBytes(
    sign(attestationKey, signed, 'compact'),
    attestationKey.public.subarray(1),
    Uint8Array.of(6, 0),
    uint32(certification.length),
    certification,
  )
  return concatBytes(signed, uint32(signatureData.length), signatureData)
}

function writeReport(options: TdOptions): Uint8Array {
  const report = new Uint8Array(options.kind === 'td10' ? TD10_REPORT_BYTES : TD15_REPORT_BYTES)
  report.set(options.teeTcbSvn ?? [5, 0, 2], 0)
  report.set(options.mrSignerSeam ?? [], 64)
  report.set(options.seamAttributes ?? [], 112)
  report.set([options.tdAttributes ?? 0], 120)
  report.fill(0x7d, 136, 184)
  report.set(reportData, 520)
  if (options.kind === 'td15') report.set(options.teeTcbSvn2 ?? [], 584)
  return report
}

function writeSigned(header: Uint8Array, report: Uint8Array, { version, kind }: TdOptions): Uint8Array {
  const changed = header.slice()
  changed.set([version, 0, 2, 0, 0x81, 0, 0, 0], 0)
  if (version === 4) return concatBytes(changed, report)
  return concatBytes(changed, Uint8Array.of(kind === 'td10' ? 2 : 3, 0), uint32(report.length), report)
}

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24)
}
