/** Values as people read them. */

/** Gwei as ETH, without trailing zeros: `0.000043 ETH`. */
export function formatGwei(gwei: bigint): string {
  const whole = gwei / 1_000_000_000n
  const rest = (gwei % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '')
  return `${whole}${rest === '' ? '' : `.${rest}`} ETH`
}

/** Enough of a hash or address to tell it from others on a screen. */
export function short(hex: string): string {
  return hex.length > 14 ? `${hex.slice(0, 8)}…${hex.slice(-4)}` : hex
}

/** With thousands apart: `41,873`. */
export function grouped(number: number | bigint): string {
  return number.toLocaleString('en-US')
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`
}

/** Columns as wide as their widest cell; the first row is the heading. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
