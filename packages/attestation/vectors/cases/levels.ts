/** What the documents say about the platform and its quoting enclave: levels, statuses, advisories, denials. */
import { hexToBytes } from '@enigma/protocol'
import { type SimulatedLevel, simulatedLevels, tcbInfoText } from '../../src/simulated/documents.ts'
import { simulatedKind } from '../../src/simulated/kind.ts'
import { type Code, forged, machine, type Vector } from './vector.ts'

const { components, pceSvn } = simulatedKind
const level = (changes: Partial<SimulatedLevel> = {}) => ({ components, pceSvn, status: 'UpToDate', ...changes })
const platform = (code: Code, name: string, ...levels: readonly SimulatedLevel[]) => forged(code, name, { levels })
const withAdvisories = (code: Code, name: string, ...advisoryIds: readonly string[]) =>
  platform(code, name, level({ status: 'SWHardeningNeeded', advisoryIds }))

const qeLevel = (isvsvn: unknown, tcbStatus: string, advisoryIDs?: readonly string[]) => ({
  tcb: { isvsvn },
  tcbDate: '2024-03-13T00:00:00Z',
  tcbStatus,
  ...(advisoryIDs && { advisoryIDs }),
})
const quotingEnclave = (code: Code, name: string, ...tcbLevels: readonly ReturnType<typeof qeLevel>[]) =>
  forged(code, name, { qeIdentity: { tcbLevels } })

/** Nineteen levels, as many as Intel's longest TCB info has, of which one is good. */
const nineteen = (good: number) =>
  Array.from({ length: 19 }, (_, index) =>
    level({
      components: components.map((svn, at) => (at === 4 ? svn - index : svn)),
      status: index === good ? 'UpToDate' : 'OutOfDate',
    }),
  )
const eighteenth = { components: components.map((svn, at) => (at === 4 ? svn - 17 : svn)) }

/** As Intel writes them: some components with what they are. */
function namedComponents() {
  const names: Record<string, string>[] = [
    { category: 'BIOS', type: 'Early Microcode Update' },
    { category: 'OS/VMM', type: 'SGX Late Microcode Update' },
    { category: 'OS/VMM', type: 'TXT SINIT' },
    { category: 'BIOS' },
  ]
  const { tcbLevels } = JSON.parse(tcbInfoText({ issuedAt: 0, nextUpdate: 0 })) as {
    tcbLevels: { tcb: { sgxtcbcomponents: object[]; pcesvn: number } }[]
  }
  return tcbLevels.map((it) => {
    const sgxtcbcomponents = it.tcb.sgxtcbcomponents.map((component, index) => ({ ...component, ...names[index] }))
    return { ...it, tcb: { sgxtcbcomponents, pcesvn: it.tcb.pcesvn } }
  })
}

const matching = [
  platform('', 'levels lowest first', ...simulatedLevels.toReversed()),
  forged('', 'components that say what they are', { tcbInfo: { tcbLevels: namedComponents() } }),
  platform('', 'nineteen levels, the first of them good', ...nineteen(0)),
  platform('TCB_STATUS_REFUSED', 'nineteen levels, the eighteenth of them good', ...nineteen(17)),
  forged('', 'a platform that just reaches the eighteenth of nineteen levels', {
    levels: nineteen(17),
    firmware: eighteenth,
  }),
  platform('TCB_INFO_FORMAT', 'a component of 256', level({ components: [256, ...components.slice(1)] })),
  platform('TCB_INFO_FORMAT', 'fifteen components', level({ components: components.slice(1) })),
  platform('TCB_INFO_FORMAT', 'seventeen components', level({ components: [...components, 0] })),
  platform('TCB_INFO_FORMAT', 'a PCE version of 65536', level({ pceSvn: 65_536 })),
  platform('TCB_NOT_SUPPORTED', 'the last component too low', level({ components: [...components.slice(0, 15), 1] })),
  platform('TCB_NOT_SUPPORTED', 'the PCE too old', level({ pceSvn: pceSvn + 1 })),
]

const statuses = [
  withAdvisories('', 'an advisory that is accepted', 'INTEL-SA-00615'),
  withAdvisories('', 'two advisories that are accepted', 'INTEL-SA-00334', 'INTEL-SA-00657'),
  withAdvisories('ADVISORY_REFUSED', 'one advisory of two not accepted', 'INTEL-SA-00615', 'INTEL-SA-00999'),
  withAdvisories('ADVISORY_REFUSED', 'an advisory that begins like one that is accepted', 'INTEL-SA-006155'),
  withAdvisories('ADVISORY_REFUSED', 'an advisory that is the beginning of one that is accepted', 'INTEL-SA-0061'),
  withAdvisories('', 'an empty list of advisories'),
  platform('', 'an advisory that is not accepted, of a level below', level(), {
    ...level({ components: components.map(() => 0), status: 'OutOfDate', advisoryIds: ['INTEL-SA-00999'] }),
  }),
  ...[
    'ConfigurationNeeded',
    'ConfigurationAndSWHardeningNeeded',
    'OutOfDate',
    'OutOfDateConfigurationNeeded',
    'Revoked',
  ].map((status) => platform('TCB_STATUS_REFUSED', `a platform of status ${status}`, level({ status }))),
]

const quotingEnclaves = [
  ...[
    'SWHardeningNeeded',
    'ConfigurationNeeded',
    'ConfigurationAndSWHardeningNeeded',
    'OutOfDate',
    'OutOfDateConfigurationNeeded',
    'Revoked',
  ].map((status) => quotingEnclave('TCB_STATUS_REFUSED', `a quoting enclave of status ${status}`, qeLevel(8, status))),
  quotingEnclave('TCB_STATUS_UNRECOGNIZED', 'a quoting enclave of a new status', qeLevel(8, 'Splendid')),
  quotingEnclave(
    'ADVISORY_REFUSED',
    'a quoting enclave with an advisory that is not accepted',
    qeLevel(8, 'UpToDate', ['INTEL-SA-00999']),
  ),
  quotingEnclave('', 'a quoting enclave with an advisory that is accepted', qeLevel(8, 'UpToDate', ['INTEL-SA-00657'])),
  quotingEnclave(
    '',
    'levels of the quoting enclave lowest first',
    qeLevel(1, 'OutOfDate'),
    qeLevel(6, 'OutOfDate'),
    qeLevel(8, 'UpToDate'),
  ),
  forged('', 'a quoting enclave newer than every level', { quotingEnclave: { isvSvn: 300 } }),
  quotingEnclave('QE_IDENTITY_FORMAT', 'an isvsvn of 65536', qeLevel(65_536, 'UpToDate')),
  quotingEnclave('QE_IDENTITY_FORMAT', 'an isvsvn that is text', qeLevel('8', 'UpToDate')),
]

/** What the policy of the file denies. */
export const deniedFmspc = '0x00a067110000'
export const deniedPlatform = `0x${'09'.repeat(16)}` as const

const denials = [
  forged('FMSPC_DENIED', 'a kind of platform that is denied', {
    leaf: { platform: { ...machine.facts, fmspc: hexToBytes(deniedFmspc) } },
    tcbInfo: { fmspc: deniedFmspc.slice(2).toUpperCase() },
  }),
  forged('PPID_DENIED', 'a machine that is denied', {
    leaf: { platform: { ...machine.facts, ppid: hexToBytes(deniedPlatform) } },
  }),
]

export const levelVectors: readonly Vector[] = [...matching, ...statuses, ...quotingEnclaves, ...denials]
