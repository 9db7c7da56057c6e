// Where contracts keep their state, as text that a reviewer can compare.

type Variable = { slot: string; offset: number; label: string; type: string }
type Types = Record<string, { label: string; numberOfBytes: string; members?: Variable[] }>
type Storage = { storage: Variable[]; types: Types | null }

/** Of a contract, as the compiler answers. */
export type Answer = { storageLayout: Storage; transientStorageLayout: Storage }
export type Layout = { storage: string[]; transient: string[]; structs: Record<string, string[]> }

/**
 * The layout of one contract: a line for each variable, and for each struct that it is made of a list of its members.
 * Without the compiler's numbers for its syntax tree, which change with every other line of source.
 */
export function layoutOf({ storageLayout, transientStorageLayout }: Answer): Layout {
  const types: Types = { ...storageLayout.types, ...transientStorageLayout.types }
  const structs = Object.values(types)
    .filter(({ members }) => members !== undefined)
    .map(({ label, members = [] }): [string, string[]] => [label, members.map((member) => line(member, types))])
  return {
    storage: storageLayout.storage.map((variable) => line(variable, types)),
    transient: transientStorageLayout.storage.map((variable) => line(variable, types)),
    structs: Object.fromEntries(structs.sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

function line({ slot, offset, label, type }: Variable, types: Types): string {
  const { label: typeName, numberOfBytes } = types[type] ?? { label: type, numberOfBytes: '?' }
  return `slot ${slot} byte ${offset}: ${label}, ${typeName}, ${numberOfBytes} bytes`
}

/** The lines in which two layouts differ, each with the side that it stands on; empty where they are equal. */
export function layoutDifferences(found: Layout, expected: Layout): string[] {
  const [left, right] = [lines(found), lines(expected)]
  return [
    ...left.filter((each) => !right.includes(each)).map((each) => `+ ${each}`),
    ...right.filter((each) => !left.includes(each)).map((each) => `- ${each}`),
  ]
}

function lines({ storage, transient, structs }: Layout): string[] {
  const ofStructs = Object.entries(structs).flatMap(([name, members]) => members.map((each) => `${name}: ${each}`))
  return [...storage, ...transient.map((each) => `transient ${each}`), ...ofStructs]
}
