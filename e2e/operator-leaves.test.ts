import path from 'node:path'
import { writeNetworkFile } from '@enigma/cli/localnet'
import { eventually, isRunning, startNetwork, type TestNetwork, treeOf } from '@enigma/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { enigma } from './support/command-line.ts'
import { ADDITION, addition, ranksFor, taskLogs } from './support/story.ts'

let network: TestNetwork
beforeAll(async () => {
  network = await startNetwork({ workers: 2 })
  await writeNetworkFile(path.join(network.data, '.enigma'), network.network)
})
afterAll(() => network?.stop())

const run = (...args: string[]) => enigma(network.data, ...args).finished

test('an operator leaves on the command line: his seat serves to its exit, then pays earnings and bond, each once', async () => {
  const dApp = await network.deploy(ADDITION)
  const [seat = 0] = await ranksFor(network, dApp, 2)
  const { name, operator } = await network.workerOf(seat)
  const watching = enigma(network.data, 'task', 'watch')
  await eventually('a watcher', () => watching.stderr().includes('Waiting for tasks'))
  await network.enigma('alice').call(addition(dApp, 1n, 2n))
  const [settled] = (await taskLogs(network)).settled
  await eventually('its words', () => watching.stderr().includes('delivered to the dApp'))
  watching.child.kill('SIGINT')
  expect(await watching.finished).toMatchObject({ code: 0, answer: { seen: 1, open: 0 } })

  expect(await run('task', 'show', settled?.taskId ?? '')).toMatchObject({
    code: 0,
    answer: {
      state: 'settled',
      taskId: settled?.taskId,
      ranks: [{ rank: 0, seat }, { rank: 1 }],
      ending: { rank: 0, status: 0 },
    },
  })
  expect(await run('task', 'watch', settled?.taskId ?? '')).toMatchObject({ code: 0, answer: { state: 'settled' } })
  expect(await run('task', 'show', `0x${'0'.repeat(64)}`)).toMatchObject({
    code: 1,
    answer: { error: { code: 'UNKNOWN_TASK' } },
  })

  const epoch = Number(await network.contract.read.currentEpoch())
  expect(await run('worker', 'leave', '--account', 'alice')).toMatchObject({
    code: 1,
    answer: { error: { code: 'WHICH_SEAT' } },
  })
  expect(await run('worker', 'leave', '--seat', String(seat), '--account', 'alice')).toMatchObject({
    code: 1,
    answer: { error: { code: 'REFUSED', message: expect.stringContaining('NotOperator') } },
  })
  expect(await run('worker', 'leave', '--account', name)).toMatchObject({
    code: 0,
    answer: { seat, exitEpoch: epoch + 2 },
  })

  const paid = await run('worker', 'withdraw', '--account', name)
  expect(paid).toMatchObject({ code: 0, answer: { seat, bondGwei: '0' } })
  expect(BigInt(paid.answer.creditGwei)).toBeGreaterThan(0n)
  expect(await run('worker', 'withdraw', '--account', name)).toMatchObject({
    code: 1,
    answer: { error: { code: 'REFUSED' } },
  })

  // It goes on serving what is drawn before its exit, and nothing after.
  await network.chain.nextEpoch()
  expect(await ranksFor(network, dApp, 2)).toContain(seat)
  await network.chain.nextEpoch()
  await expect(ranksFor(network, dApp, 2)).rejects.toThrow('NoLiveSeat')
  expect(await ranksFor(network, dApp, 1)).not.toContain(seat)

  for (let i = 0; i < network.parameters.coolEpochs; i++) await network.chain.nextEpoch()
  const bond = await run('worker', 'withdraw', '--account', name)
  expect(bond).toMatchObject({ code: 0, answer: { to: expect.stringMatching(new RegExp(operator.address, 'i')) } })
  expect(BigInt(bond.answer.bondGwei)).toBe(network.parameters.bondGwei)
  const status = await run('worker', 'status')
  expect(status.answer.seats).toHaveLength(2)
})

test('an operator joins on the command line: his worker takes a seat by itself, and ends with the command', async () => {
  const worker = enigma(network.data, 'worker', 'start', '--name', 'worker-3')
  await eventually('a seat', async () => {
    if (worker.child.exitCode !== null) throw new Error(worker.stderr())
    const { answer } = await run('worker', 'status')
    // The seat that was left is free again, and cheaper than a new one.
    return answer.seats.find(({ operator }: { operator: string }) => operator === network.account('worker-3').address)
  })
  await eventually('the answer', () => worker.answer())
  expect(worker.answer()).toMatchObject({ name: 'worker-3' })
  const pids = treeOf(worker.child.pid ?? 0)
  expect(pids.length).toBeGreaterThanOrEqual(3)
  worker.child.kill('SIGINT')
  expect((await worker.finished).code).toBe(0)
  await eventually('the end of everything', () => pids.every((pid) => !isRunning(pid)))
})
