/** How one person likes the canvas, kept in this browser. */

const KEY = 'cellwright-canvas'

/** @returns what was kept, or the first of `choices` */
export function kept<T extends string>(name: string, choices: readonly [T, ...T[]]): T {
  const value = read()[name]
  return choices.find((choice) => choice === value) ?? choices[0]
}

export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...read(), [name]: value }))
  } catch {
    // storage is full or switched off: it lasts as long as the page
  }
}

function read(): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
