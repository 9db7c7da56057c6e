/** Mutants hit code and nothing else, keep their names, and are counted right. */
import { afterAll, describe, expect, test } from 'vitest'
import { Compiler } from './compiler.ts'
import { readEquivalents, requireFresh } from './equivalent.ts'
import { type Mutant, mutantsOf, mutated, spread } from './generate.ts'
import { build, loadProject } from './project.ts'
import { type Outcome, reportOf, titleOf } from './report.ts'
import { stagesOf } from './stages.ts'
import { firstFailure } from './workspace.ts'

const VAULT = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

uint256 constant FLOOR = 3;

library Rates {
    // a < b stays in comments, and so does ü
    function half(uint256 a) internal pure returns (uint256) { return a / 2; }
}

contract Vault {
    uint256 private immutable LOW;
    uint256 private immutable HIGH;
    uint256 public total;
    bool private _locked;
    event Paid(uint256 amount);
    error TooMuch(string reason);

    constructor(uint256 low, uint256 high) { LOW = low; HIGH = high; }

    modifier locked() { _locked = true; _; _locked = false; }

    function pay(uint256 amount, uint256 limit) external locked {
        if (amount > limit || amount < FLOOR) revert TooMuch("a > b");
        total += _least(amount, HIGH);
        emit Paid(amount);
    }

    function _least(uint256 a, uint256 b) private view returns (uint256) {
        unchecked { return a < b ? a : b + LOW; }
    }
}
`
const TESTS = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;
import {Vault} from "../src/Vault.sol";
interface Vm { function deployCode(string calldata name) external returns (address); }
contract VaultTest {
    function test_pay(Vm vm) external { Vault(vm.deployCode("Vault.sol:Vault")).pay(1, 2); }
}
`
const HALF_TESTS = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;
import {Rates} from "../src/Vault.sol";
contract HalfTest {
    function test_half() external pure { assert(Rates.half(4) == 2); }
}
`
const FILE = 'contracts/src/Vault.sol'
const SETTINGS = { evmVersion: 'osaka' }
const compiler = new Compiler()
afterAll(() => compiler.stop())

const sources = new Map(
  [
    [FILE, VAULT],
    ['contracts/test/Vault.t.sol', TESTS],
    ['contracts/test/Half.t.sol', HALF_TESTS],
  ].map(([file = '', text = '']) => [file, Buffer.from(text)]),
)
const project = await loadProject(sources, SETTINGS, compiler)
const source = Buffer.from(VAULT)
const tree = project.trees.get(FILE)
if (!tree) throw new Error(`${FILE} was not parsed`)
const mutants = mutantsOf(FILE, source, tree)
const titles = mutants.map(titleOf)

function mutantOf(title: string): Mutant {
  const found = mutants[titles.indexOf(title)]
  if (!found) throw new Error(`no mutant ${title} among\n${titles.join('\n')}`)
  return found
}

describe('mutantsOf', () => {
  test('makes each kind of mistake', () => {
    expect(titles).toEqual(
      expect.arrayContaining([
        'Vault.sol:4 FLOOR literal: 3 → 4',
        'Vault.sol:8 half arithmetic: / → *',
        'Vault.sol:21 locked literal: true → false',
        'Vault.sol:23 pay modifier: locked → nothing',
        'Vault.sol:24 pay guard: amount > limit || amount < FLOOR → false',
        'Vault.sol:24 pay logic: || → &&',
        'Vault.sol:24 pay comparison: > → >=',
        'Vault.sol:25 pay statement: total += _least(amount, HIGH); → {}',
        'Vault.sol:25 pay arithmetic: += → -=',
        'Vault.sol:25 pay argument: amount, HIGH → HIGH, amount',
        'Vault.sol:25 pay constant: HIGH → LOW',
        'Vault.sol:26 pay event: emit Paid(amount); → {}',
        'Vault.sol:30 _least unchecked: unchecked → nothing',
        'Vault.sol:30 _least condition: a < b → true',
      ]),
    )
  })

  test('leaves comments, strings, declarations and the giving of immutables alone', () => {
    const lines = new Set(mutants.map(({ line }) => line))
    for (const line of [1, 2, 7, 12, 13, 14, 16, 17]) expect(lines, `line ${line}`).not.toContain(line)
    expect(titles.filter((title) => title.includes('"a > b"'))).toEqual([])
    expect(titles.filter((title) => title.includes(':19 ') && title.includes('constant'))).toEqual([])
  })

  test('edits the place it names, behind characters of more than one byte too', () => {
    const text = mutated(source, mutantOf('Vault.sol:24 pay logic: || → &&').edit)
    expect(text).toBe(VAULT.replace('||', '&&'))
  })

  test('makes mutants that compile', async () => {
    const { edit } = mutantOf('Vault.sol:25 pay statement: total += _least(amount, HIGH); → {}')
    const changed = new Map([[FILE, mutated(source, edit)]])
    const contract = [...project.reached.keys()].filter(({ name }) => name === 'Vault')
    const [was, is] = [
      await build(project, contract, new Map(), SETTINGS, compiler),
      await build(project, contract, changed, SETTINGS, compiler),
    ]
    if (!was.ok || !is.ok) throw new Error('does not compile')
    expect(is.bytecodes[0]?.creation).not.toBe(was.bytecodes[0]?.creation)
  })
})

describe('build', () => {
  test('has nothing to say of no contract: what a stage needs may have been built before', async () => {
    expect(await build(project, [], new Map(), SETTINGS, compiler)).toEqual({ ok: true, bytecodes: [] })
  })

  test('tells what does not compile', async () => {
    const changed = new Map([[FILE, VAULT.replace('amount > limit', 'amount')]])
    const contracts = [...project.reached.keys()].filter(({ name }) => name === 'Vault')
    expect(await build(project, contracts, changed, SETTINGS, compiler)).toMatchObject({ ok: false })
  })
})

describe('spread', () => {
  test('gives each function its turn, the same way for the same seed', () => {
    const scopes = new Set(mutants.map(({ scope }) => scope))
    const first = spread(mutants, '1')
    expect(new Set(first.slice(0, scopes.size).map(({ scope }) => scope))).toEqual(scopes)
    expect(first).toHaveLength(mutants.length)
    expect(spread([...mutants].reverse(), '1').map(titleOf)).toEqual(first.map(titleOf))
    expect(spread(mutants, '2').map(titleOf)).not.toEqual(first.map(titleOf))
  })
})

describe('stagesOf', () => {
  const contractsOf = (title: string) =>
    stagesOf(mutantOf(title), project).map(({ contracts, tests }) => [contracts.map(({ name }) => name), tests])

  test('asks the tests that deploy a contract by its artefact, and builds that only', () => {
    expect(contractsOf('Vault.sol:24 pay logic: || → &&')).toEqual([[['Vault'], ['contracts/test/Vault.t.sol']]])
  })

  test('builds the tests that hold the code themselves', () => {
    expect(contractsOf('Vault.sol:8 half arithmetic: / → *')).toEqual([[['HalfTest'], ['contracts/test/Half.t.sol']]])
  })
})

describe('requireFresh', () => {
  const entry = { in: 'half', before: 'function half(uint256 a) internal pure returns (uint256) { return a / 2; }' }
  const after = entry.before.replace('/', '*')

  test('takes an entry that names a mutant', () => {
    expect(() => requireFresh([{ ...entry, after, reason: 'one' }], mutants)).not.toThrow()
  })

  test('refuses one whose line has changed, and one without a reason', () => {
    const stale = { ...entry, before: entry.before.replace('/ 2', '/ 3'), after, reason: 'one' }
    expect(() => requireFresh([stale], mutants)).toThrow(/half: .*a \/ 3/)
    expect(() => requireFresh([{ ...entry, after, reason: ' ' }], mutants)).toThrow(/without a reason/)
  })

  test('the committed list has reasons', () => {
    for (const { reason } of readEquivalents()) expect(reason).not.toBe('')
  })
})

describe('reportOf', () => {
  const mutant = mutantOf('Vault.sol:24 pay logic: || → &&')
  const result = (outcome: Outcome) => ({ mutant, outcome, seconds: 2 })

  test('counts, shows survivors, and ends with one line', () => {
    const report = reportOf([
      result({ state: 'killed', by: 'Vault.t.sol test_pay' }),
      result({ state: 'equivalent', reason: 'none' }),
      result({ state: 'survived' }),
      result({ state: 'invalid' }),
    ])
    expect(report).toContain('survived: Vault.sol:24 pay logic: || → &&')
    expect(report).toContain('1 more did not compile; 2.0 s a mutant.')
    expect(report.split('\n').at(-1)).toBe('3 mutants: 1 killed, 1 equivalent, 1 survived')
  })
})

describe('firstFailure', () => {
  test('names the file and the test, whatever else Forge says', () => {
    const report = `<testsuites>
<testsuite name="contracts/test/A.t.sol:A"><testcase name="test_a()"></testcase></testsuite>
<testsuite name="contracts/test/B.t.sol:B"><testcase name="test_b(uint256)"><failure/></testcase></testsuite>
</testsuites>`
    expect(firstFailure(`Warning: something\n${report}\n`)).toBe('B.t.sol test_b')
    expect(firstFailure('error: no tests')).toBeUndefined()
  })
})
