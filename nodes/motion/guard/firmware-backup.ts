/** The firmware settings as they were kept, and what has changed since without us. */
import { Type } from 'typebox'
import { type KeptFile, keepFile } from './kept-file.ts'

const Kept = Type.Object({
  at: Type.String(),
  by: Type.String(),
  firmware: Type.String(),
  /** By `$` number. */
  settings: Type.Record(Type.String(), Type.String()),
})

export class FirmwareBackup {
  readonly #file: KeptFile<{ at: string; by: string; firmware: string; settings: Record<string, string> }>

  constructor(path: string) {
    this.#file = keepFile(path, Kept)
  }

  get exists(): boolean {
    return this.#file.value !== undefined
  }

  valueOf(number: number): string | undefined {
    return this.#file.value?.settings[String(number)]
  }

  /** @throws Error when it cannot be written */
  async keep(settings: ReadonlyMap<number, string>, { by, firmware }: { by: string; firmware: string }): Promise<void> {
    await this.#file.write({ at: new Date().toISOString(), by, firmware, settings: Object.fromEntries([...settings].map(([n, v]) => [String(n), v])) })
  }

  /** What was changed through the guard is not drift. @throws Error when it cannot be written */
  async takeIn(changed: ReadonlyMap<number, string>): Promise<void> {
    const { value } = this.#file
    if (!value) return
    await this.#file.write({ ...value, settings: { ...value.settings, ...Object.fromEntries([...changed].map(([n, v]) => [String(n), v])) } })
  }

  /** Numbers of the settings that are not as they were kept, also those that have come or gone. */
  driftOf(settings: ReadonlyMap<number, string>): number[] {
    const kept = this.#file.value?.settings
    if (!kept) return []
    const numbers = new Set([...settings.keys(), ...Object.keys(kept).map(Number)])
    return [...numbers].filter((number) => !isSameValue(settings.get(number), kept[String(number)])).sort((a, b) => a - b)
  }
}

/** `10` is `10.000`. */
export function isSameValue(a: string | undefined, b: string | undefined): boolean {
  if (a === b) return true
  if (!a || !b) return false
  const [x, y] = [Number(a), Number(b)]
  return Number.isFinite(x) && Number.isFinite(y) && Math.abs(x - y) <= 1e-6 * Math.max(1, Math.abs(x))
}
