/** Vectors of private calls: their addresses, what is sealed deterministically, and the task's random numbers. */
import {
  bytesToHex,
  type CallMoment,
  contractKeySecret,
  dataContext,
  type Hex,
  hexToBytes,
  KIND,
  PRIVATE_CALLS,
  randomOf,
  randomRoot,
  replyContext,
  sealData,
  sealingSecret,
  sealReply,
  sealRoot,
  webCrypto,
} from '../../src/index.ts'
import type { Case, VectorFile } from '../generate.ts'
import { DATA_FACTS, REPLY_FACTS, sampleKeys } from './envelope.ts'
import { OWNER, SCOPE, SECRET } from './network-secret.ts'
import { errorOf, sample } from './samples.ts'

type Sealing = { kind: 2 | 3; message: Hex } & CallMoment

const MOMENT: CallMoment = { taskId: REPLY_FACTS.taskId, anchor: sample('anchor'), counter: 0 }
const OTHER_BRANCH = { ...MOMENT, anchor: sample('anchor of another branch') }
const MESSAGE: Hex = sample('a message')
const WIDE = `0x${'ab'.repeat(8_192)}` as const

export async function privateCallVectors(): Promise<VectorFile> {
  const root = randomRoot(SECRET, SCOPE, OWNER)
  const random = (name: string, moment: CallMoment) => ({
    ...texts(name, moment),
    randomRoot: bytesToHex(root),
    random: randomOf(root, moment),
  })
  return {
    comment:
      'cases: one sealing each; ephemeralSecret = HKDF-SHA256 of sealRoot, no salt, info abi.encode(kind, taskId, anchor, ' +
      'counter, keccak256(recipient), keccak256(context), keccak256(padded)). The first two: one task, two anchors. ' +
      'randomCases: HKDF-SHA256 of randomRoot, no salt, info abi.encode(taskId, anchor, counter). addressCases: the last 20 ' +
      'bytes of keccak256(label). Roots are those of the first case of network-secret.json, and so is the key of kind 2.',
    cases: await Promise.all([
      sealing('data', { ...MOMENT, kind: 2, message: MESSAGE }),
      sealing('data, in another branch', { ...OTHER_BRANCH, kind: 2, message: MESSAGE }),
      sealing('data, the second call', { ...MOMENT, counter: 1, kind: 2, message: MESSAGE }),
      sealing('other data', { ...MOMENT, kind: 2, message: sample('another message') }),
      sealing('a zero byte more than nothing', { ...MOMENT, kind: 2, message: '0x00' }),
      sealing('nothing', { ...MOMENT, kind: 2, message: '0x' }),
      sealing('a reply', { ...MOMENT, kind: 3, message: MESSAGE }),
      sealing('a reply, in another branch', { ...OTHER_BRANCH, kind: 3, message: MESSAGE }),
      sealing('as much as may be sealed', { ...MOMENT, kind: 3, message: WIDE }),
    ]),
    randomCases: [
      random('a number', MOMENT),
      random('in another branch', OTHER_BRANCH),
      random('the second call', { ...MOMENT, counter: 1 }),
      random('of another task', { ...MOMENT, taskId: sample('another task') }),
    ],
    addressCases: Object.entries(PRIVATE_CALLS).map(([name, address], i) => ({
      name,
      label: `enigma.private.${i + 1}`,
      address,
    })),
    failures: [
      {
        ...texts('a counter below zero', { ...MOMENT, counter: -1 }),
        error: await errorOf(() => randomOf(root, { ...MOMENT, counter: -1 })),
      },
    ],
  }
}

async function sealing(name: string, { kind, message, ...moment }: Sealing): Promise<Case> {
  const root = sealRoot(SECRET, SCOPE, OWNER)
  const secretKey = contractKeySecret(SECRET, SCOPE, OWNER)
  const contract = { secretKey, publicKey: bytesToHex(await webCrypto.publicKey(secretKey)) }
  const key = kind === KIND.data ? contract : await sampleKeys('reader')
  const context = kind === KIND.data ? dataContext(DATA_FACTS) : replyContext(REPLY_FACTS)
  const parts = { recipient: key.publicKey, message: hexToBytes(message) }
  const ephemeralSecret = sealingSecret(root, { ...moment, ...parts, kind, context })
  const envelope =
    kind === KIND.data
      ? await sealData({ ...parts, context: dataContext(DATA_FACTS), ephemeralSecret })
      : await sealReply({ ...parts, context: replyContext(REPLY_FACTS), ephemeralSecret })
  return {
    ...texts(`kind ${kind}: ${name}`, moment),
    kind: String(kind),
    sealRoot: bytesToHex(root),
    recipient: key.publicKey,
    recipientSecret: bytesToHex(key.secretKey),
    context: bytesToHex(context),
    message,
    ephemeralSecret: bytesToHex(ephemeralSecret),
    envelope: bytesToHex(envelope),
  }
}

function texts(name: string, { taskId, anchor, counter }: CallMoment): Case {
  return { name, taskId, anchor, counter: String(counter) }
}
