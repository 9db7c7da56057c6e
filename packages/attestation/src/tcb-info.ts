/**
 * TCB info: Intel's table of what each set of security versions is worth, for one kind of platform.
 *
 * Versions 2 (SGX only) and 3 of "Get TCB Info" in Intel's PCS API v4.
 */
import * as v from 'valibot'
import { advisories, evaluationNumber, hexOf, isoDate, securityVersion } from './signed-json.ts'

const componentSvn = v.pipe(securityVersion, v.maxValue(0xff))

const components = v.pipe(
  v.array(v.object({ svn: componentSvn })),
  v.length(16),
  v.transform((list) => list.map((component) => component.svn)),
)

const tcb = v.pipe(
  v.object({ sgxtcbcomponents: components, pcesvn: securityVersion, tdxtcbcomponents: v.optional(components) }),
  v.transform((it) => ({ components: it.sgxtcbcomponents, pceSvn: it.pcesvn, tdxComponents: it.tdxtcbcomponents })),
)

/** Version 2 names the sixteen one by one: sgxtcbcomp01svn … sgxtcbcomp16svn. */
const flatNames = Array.from({ length: 16 }, (_, index) => `sgxtcbcomp${String(index + 1).padStart(2, '0')}svn`)
const flatTcb = v.pipe(
  v.object({ pcesvn: securityVersion, ...v.entriesFromList(flatNames, componentSvn) }),
  v.transform((it: Record<string, number> & { pcesvn: number }) => ({
    components: flatNames.map((name) => it[name] ?? 0),
    pceSvn: it.pcesvn,
    tdxComponents: undefined,
  })),
)

const level = { tcbDate: isoDate, tcbStatus: v.string(), advisoryIDs: advisories }

/** The levels of an enclave or a module, which has one version number. */
export const isvLevels = v.pipe(
  v.array(v.object({ ...level, tcb: v.object({ isvsvn: securityVersion }) })),
  v.nonEmpty(),
  v.transform((levels) => levels.toSorted((a, b) => b.tcb.isvsvn - a.tcb.isvsvn)),
)

const moduleIdentity = { mrsigner: hexOf(48), attributes: hexOf(8), attributesMask: hexOf(8) }

export const tcbInfoSchema = v.pipe(
  v.object({
    version: v.number(),
    id: v.optional(v.string()),
    issueDate: isoDate,
    nextUpdate: isoDate,
    fmspc: hexOf(6),
    pceId: hexOf(2),
    tcbType: v.number(),
    tcbEvaluationDataNumber: evaluationNumber,
    tdxModule: v.optional(v.object(moduleIdentity)),
    tdxModuleIdentities: v.optional(
      v.array(v.object({ ...moduleIdentity, id: v.pipe(v.string(), v.toUpperCase()), tcbLevels: isvLevels })),
      [],
    ),
    tcbLevels: v.pipe(v.array(v.object({ ...level, tcb: v.union([tcb, flatTcb]) })), v.nonEmpty()),
  }),
  v.check(
    (info) => info.id !== 'TDX' || info.tcbLevels.every(({ tcb }) => tcb.tdxComponents !== undefined),
    'a TDX level without TDX components',
  ),
)

export type TcbInfo = v.InferOutput<typeof tcbInfoSchema>
export type TcbLevel = TcbInfo['tcbLevels'][number]
export type IsvLevel = v.InferOutput<typeof isvLevels>[number]
