/** What the checks of the contracts find, on sources that have the faults. */
import solc from 'solc'
import { describe, expect, test } from 'vitest'
import { docFaults, type Source } from './solidity-docs.ts'
import { type Answer, layoutDifferences, layoutOf } from './solidity-layout.ts'

const OUTPUTS = { '*': { '': ['ast'], '*': ['storageLayout', 'transientStorageLayout'] } }

function compile(source: string) {
  const settings = { outputSelection: OUTPUTS }
  const input = { language: 'Solidity', sources: { 'a.sol': { content: source } }, settings }
  const answer = JSON.parse(solc.compile(JSON.stringify(input)))
  return { ast: answer.sources['a.sol'].ast as Source, contracts: answer.contracts['a.sol'] as Record<string, Answer> }
}

const faultsOf = (source: string): string[] => docFaults(compile(source).ast).map(({ what }) => what)
const layout = (body: string) => layoutOf(compile(`contract A { ${body} }`).contracts.A as Answer)

describe('documentation', () => {
  test('is complete where every parameter and every returned value is described', () => {
    const source = `interface A {
      /// @notice Adds.
      /// @param a One.
      /// @param b Another.
      /// @return sum Both.
      function add(uint256 a, uint256 b) external view returns (uint256 sum);
      /// @notice Added.
      /// @param sum Both.
      event Added(uint256 sum);
      /// @notice Too much.
      /// @param sum Both.
      error TooMuch(uint256 sum);
    }`
    expect(faultsOf(source)).toEqual([])
  })

  test.each([
    ['function f() external;', 'A.f has no description'],
    ['/// @notice F.\n function f(uint256 a) external;', 'A.f has no @param a'],
    ['/// @notice F.\n /// @param ab No.\n function f(uint256 ab, uint256 a) external;', 'A.f has no @param a'],
    ['/// @notice F.\n function f(uint256) external;', 'A.f has a parameter without a name'],
    ['/// @notice F.\n function f() external returns (uint256);', 'A.f has 0 @return of 1'],
    [
      '/// @notice F.\n /// @return a No.\n function f() external returns (uint256 a, uint256);',
      'A.f has 1 @return of 2',
    ],
    ['event E();', 'A.E has no description'],
    ['/// @notice E.\n error E(uint256 a);', 'A.E has no @param a'],
  ])('of %j: %s', (item, fault) => {
    expect(faultsOf(`interface A { ${item} }`)).toEqual([fault])
  })

  test('is asked of constructors with parameters and of public variables, and not of what nobody outside sees', () => {
    const source = `contract A {
      uint256 public seen;
      uint256 private hidden;
      constructor(uint256 a) { hidden = a; }
      function f() internal {}
    }`
    expect(faultsOf(source)).toEqual(['A.seen has no description', 'A.constructor has no @param a'])
  })

  test('is asked once: what implements an interface has its words', () => {
    const source = `interface I { /// @notice F.
      function f() external; }
      contract A is I { function f() external {} }`
    expect(faultsOf(source)).toEqual([])
  })
})

describe('layout', () => {
  test('names each variable with its place and type, without the numbers of the syntax tree', () => {
    const found = layout('struct S { uint8 a; bool b; } S s; bool transient lock;')
    expect(found).toEqual({
      storage: ['slot 0 byte 0: s, struct A.S, 32 bytes'],
      transient: ['slot 0 byte 0: lock, bool, 1 bytes'],
      structs: { 'struct A.S': ['slot 0 byte 0: a, uint8, 1 bytes', 'slot 0 byte 1: b, bool, 1 bytes'] },
    })
  })

  test.each([
    ['a variable more', 'uint256 a; uint256 b;'],
    ['a variable that moved', 'uint256 b; uint256 a;'],
    ['another type', 'uint128 a;'],
    ['a lock more', 'uint256 a; bool transient lock;'],
  ])('%s is a difference', (_, body) => {
    const before = layout('uint256 a;')
    expect(layoutDifferences(layout('uint256 a;'), before)).toEqual([])
    expect(layoutDifferences(layout(body), before)).not.toEqual([])
  })

  test('a member of a struct that moved is a difference, though the struct stands where it stood', () => {
    const before = layout('struct S { uint8 a; bool b; } S s;')
    const after = layout('struct S { bool b; uint8 a; } S s;')
    expect(layoutDifferences(after, before)).toHaveLength(4)
  })
})
