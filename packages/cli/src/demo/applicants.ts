/** The people of the demo and what they would rather not publish. Invented. */

export type Application = {
  monthlyIncome: bigint
  debts: bigint
  /** Instalments of the past, latest first. */
  history: readonly { amount: bigint; daysLate: number }[]
}

const paid = (months: number, amount: bigint, late: Readonly<Record<number, number>> = {}) =>
  Array.from({ length: months }, (_, month) => ({ amount, daysLate: late[month] ?? 0 }))

/** By the names of the network's demo accounts; as many of them apply as the user asks for, in this order. */
export const APPLICATIONS: Readonly<Record<string, Application>> = {
  alice: { monthlyIncome: 4_200n, debts: 3_000n, history: paid(12, 350n) },
  bob: { monthlyIncome: 2_750n, debts: 9_800n, history: paid(18, 410n, { 2: 12, 7: 30 }) },
  carol: { monthlyIncome: 11_300n, debts: 0n, history: paid(24, 900n, { 5: 6 }) },
  dave: { monthlyIncome: 3_100n, debts: 1_200n, history: paid(6, 200n, { 0: 21 }) },
  erin: { monthlyIncome: 5_650n, debts: 22_000n, history: paid(30, 620n) },
  frank: { monthlyIncome: 1_980n, debts: 450n, history: paid(9, 150n, { 1: 4, 3: 17 }) },
  grace: { monthlyIncome: 7_400n, debts: 15_500n, history: paid(36, 780n) },
}
