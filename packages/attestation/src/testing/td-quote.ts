/** Quotes of version 4 and 5, over trust domains as a TD quoting enclave writes them, and over enclaves. Tests only. */
import { concatBytes } from '@enigma/protocol'
import { ENCLAVE_REPORT_BYTES } from '../enclave-report.ts'
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
  return signWrapped(writeSigned(forge().quote.subarray(0, 48), writeReport(options), options))
}

/** An SGX quote in the format of a later version. */
export function forgeLaterSgxQuote(version: 4 | 5): Uint8Array {
  const { quote } = forge()
  const report = quote.subarray(48, 48 + ENCLAVE_REPORT_BYTES)
  const header = concatBytes(Uint8Array.of(version), quote.subarray(1, 48))
  const typed = version === 5 ? concatBytes(Uint8Array.of(1, 0), uint32(report.length)) : new Uint8Array()
  return signWrapped(concatBytes(header, typed, report))
}

function signWrapped(signed: Uint8Array): Uint8Array {
  const { attestationKey } = createPlatform(createAuthority('forged'), 'machine')
  const certification = forge().quote.subarray(SIGNATURE_DATA + 128)
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
  // SEPT_VE_DISABLE, as Linux demands it of every trust domain.
  report.set([options.tdAttributes ?? 0, 0, 0, 0x10], 120)
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
