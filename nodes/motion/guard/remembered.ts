/** What the guard knows of its machine and no controller keeps: the tool in the spindle, the tool the others are measured against, the parts made. */
import { type Static, Type } from 'typebox'
import { type KeptFile, keepFile } from './kept-file.ts'

const Facts = Type.Object({
  tool: Type.Optional(Type.Integer({ minimum: 0 })),
  /** Programs run to their end since it was set back. */
  parts: Type.Optional(Type.Integer({ minimum: 0 })),
  /** Machine Z at which a tool of length 0 would touch the setter. */
  toolReference: Type.Optional(Type.Object({ zMm: Type.Number(), at: Type.String() })),
})
type Facts = Static<typeof Facts>

export class Remembered {
  readonly #file: KeptFile<Facts>
  /** A write failed; the fact counts until this process ends. */
  onError: (error: unknown) => void = () => {}

  constructor(path: string) {
    this.#file = keepFile(path, Facts)
  }

  get tool(): number | undefined {
    return this.#file.value?.tool
  }

  get toolReferenceMm(): number | undefined {
    return this.#file.value?.toolReference?.zMm
  }

  get partsCount(): number {
    return this.#file.value?.parts ?? 0
  }

  setPartsCount(parts: number): void {
    this.#write({ ...this.#file.value, parts })
  }

  setTool(tool: number): void {
    if (tool !== this.tool) this.#write({ ...this.#file.value, tool })
  }

  setToolReference(zMm: number): void {
    this.#write({ ...this.#file.value, toolReference: { zMm, at: new Date().toISOString() } })
  }

  forgetToolReference(): void {
    if (this.toolReferenceMm === undefined) return
    const { toolReference: _, ...rest } = this.#file.value ?? {}
    this.#write(rest)
  }

  #write(facts: Facts): void {
    this.#file.write(facts).catch((error) => this.onError(error))
  }
}
