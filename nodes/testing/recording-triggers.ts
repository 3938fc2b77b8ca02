/** Trigger services for node tests: a test plays the gateway. */
import type { Firing, TriggerFace, TriggerServices } from '../triggers/services.ts'

interface Entry {
  face: TriggerFace
  onFire: (firing: Firing) => void | Promise<void>
  onSwitch: (isOn: boolean) => void
}

export class RecordingTriggers implements TriggerServices {
  readonly registered = new Map<string, Entry>()
  /** Runs that triggers opened by themselves. */
  readonly begun: { nodeId: string; text: string; runId: string }[] = []
  readonly off = new Set<string>()
  readonly #listeners = new Map<string, Set<(message: Record<string, unknown>) => void>>()
  readonly #inRun: <T>(runId: string, fn: () => T) => T

  constructor(inRun: <T>(runId: string, fn: () => T) => T) {
    this.#inRun = inRun
  }

  /** Fires a trigger as the gateway would. */
  async fire(nodeId: string, firing: Partial<Firing> = {}): Promise<void> {
    const entry = this.registered.get(nodeId)
    if (!entry) throw new Error(`no trigger ${nodeId}`)
    const at = '2026-11-23T06:00:00.000Z'
    const whole: Firing = { firingId: 'fir_1', runId: 'run_fired', dueAt: at, at, isLate: false, values: {}, ...firing }
    await this.#inRun(whole.runId, () => entry.onFire(whole))
  }
  switch(nodeId: string, isOn: boolean): void {
    if (isOn) this.off.delete(nodeId)
    else this.off.add(nodeId)
    this.registered.get(nodeId)?.onSwitch(isOn)
  }

  register(entry: Entry): () => void {
    const { nodeId } = entry.face
    this.registered.set(nodeId, entry)
    return () => {
      if (this.registered.get(nodeId) === entry) this.registered.delete(nodeId)
    }
  }
  begin(nodeId: string, { text }: { text: string }): string | undefined {
    if (this.off.has(nodeId)) return undefined
    const runId = `run_itself_${this.begun.length + 1}`
    this.begun.push({ nodeId, text, runId })
    return runId
  }
  emit(name: string, message: Record<string, unknown>): number {
    const listeners = [...(this.#listeners.get(name) ?? [])]
    for (const listener of listeners) listener(message)
    return listeners.length
  }
  onEmit(name: string, listener: (message: Record<string, unknown>) => void): () => void {
    const set = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, set)
    set.add(listener)
    return () => void set.delete(listener)
  }
}
