/** Why a program could not be transformed. Nothing wrong is ever handed out instead. */
export class TransformFailed extends Error {
  override readonly name = 'TransformFailed'
  readonly code = 'transform-failed'
  /** 1-based source line; 0 where it is none in particular. */
  readonly line: number

  /** @param reason whole sentences: what is in the way, and what to do */
  constructor(line: number, reason: string) {
    super(line > 0 ? `Line ${line}: ${reason}` : reason)
    this.line = line
  }
}

/** The path made is too far from the one asked for. */
export class TooFarOff extends TransformFailed {}
