/** What the guard knows of its machine and no controller keeps: the tool in the spindle, the tool the others are measured against, the parts made. */
import { type Static, Type } from 'typebox'
import { type KeptFile, keepFile } from './kept-file.ts'

const Facts = Type.Object({
  tool: Type.Optional(Type.Integer({ minimum: 0 })),
  /** Programs run to their end since it was set back. */
  parts: Type.Optional(Type.Integer({ minimum: 0 })),
  /** The length that was found, or said, for the tool in the spindle. A reset clears it in the controller, not here. */
  measured: Type.Optional(Type.Object({ tool: Type.Integer({ minimum: 0 }), lengthMm: Type.Number() })),
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

  /** The length of the tool in the spindle, where it was measured or said. */
  get toolLengthMm(): number | undefined {
    const measured = this.#file.value?.measured
    return measured && measured.tool === this.tool ? measured.lengthMm : undefined
  }

  /** @param lengthMm undefined: none is in force, and none is to be */
  setToolLength(lengthMm: number | undefined): void {
    const { tool } = this
    const { measured: _, ...rest } = this.#file.value ?? {}
    this.#write(tool === undefined || lengthMm === undefined ? rest : { ...rest, measured: { tool, lengthMm } })
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
    const { toolReference: _, measured: __, ...rest } = this.#file.value ?? {}
    this.#write(rest)
  }

  /** Resolves when everything is on the disk, or was told not to be. */
  settled(): Promise<void> {
    return this.#file.settled()
  }

  #write(facts: Facts): void {
    this.#file.write(facts).catch((error) => this.onError(error))
  }
}
