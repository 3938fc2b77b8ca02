/** The G and M codes of one machine, and how they come together in a line. */
import type { Block } from './block.ts'
import type { GcodeDialect } from './contract.ts'
import { isWrittenOut } from './dialects.ts'
import { codeName, codeTenths, G_GROUPS, GROUP, LARGEST_CODE, M_GROUPS } from './modal-groups.ts'

/** In a code table: the group + 1, and what stands in the way. */
const FOREIGN = 32
const FORBIDDEN = 64

/** The codes of one machine, by tenths. */
export interface CodeTable {
  g: Uint8Array
  m: Uint8Array
}

/** @param forbidden as 'G38.2' */
export function codeTable(dialect: GcodeDialect, forbidden: readonly string[] = []): CodeTable {
  const table: CodeTable = { g: new Uint8Array(LARGEST_CODE + 1), m: new Uint8Array(LARGEST_CODE + 1) }
  for (const [letter, made, groups, codes] of [
    ['G', table.g, G_GROUPS, dialect.gCodes],
    ['M', table.m, M_GROUPS, dialect.mCodes],
  ] as const) {
    for (let tenths = 0; tenths <= LARGEST_CODE; tenths += 1) {
      const group = groups[tenths] as number
      if (group === 0) continue
      if (codes.has(tenths)) made[tenths] = group
      else if (isWrittenOut(letter, tenths, dialect)) made[tenths] = group | FOREIGN
    }
  }
  for (const name of forbidden) {
    const code = codeTenths(name)
    if (!code) continue
    const made = code.letter === 'G' ? table.g : table.m
    made[code.tenths] = (made[code.tenths] as number) | FORBIDDEN
  }
  return table
}

/** Adds a code to the block. @returns false when it is a problem */
export function addCode(block: Block, letter: 71 | 77, value: number, options: { column: number; table: CodeTable }): boolean {
  const { column, table } = options
  const tenths = Math.round(value * 10)
  const name = letter === 71 ? 'G' : 'M'
  const codes = letter === 71 ? table.g : table.m
  if (!(value >= 0 && tenths <= LARGEST_CODE && Math.abs(value * 10 - tenths) < 1e-6)) {
    block.refuse(column, 'code-unknown', `${name}${value} is not a code that exists.`)
    return false
  }
  return addTenths(block, tenths, { letter: name, codes, column })
}

/** The same for a code in tenths, the way of most lines. */
export function addTenths(block: Block, tenths: number, options: { letter: 'G' | 'M'; codes: Uint8Array; column: number }): boolean {
  const { letter, codes, column } = options
  const entry = codes[tenths] as number
  if (entry & FORBIDDEN) {
    const name = codeName(letter, tenths)
    block.refuse(column, 'forbidden-code', `${name} is forbidden on this machine. Take it out of the program or out of the machine's list of forbidden codes.`)
    return false
  }
  if (entry === 0) {
    block.refuse(column, 'code-unknown', unknownCode(letter, tenths))
    return false
  }
  const group = (entry & 31) - 1
  if (entry & FOREIGN) {
    block.hasForeignCode = true
    block.isOdd = true
  }
  if (block.groups & (1 << group)) {
    if (group === GROUP.motion && dropsCancel(block, tenths, column)) return true
    // G and M share no group, so the code that stands there already has the same letter
    const other = codeName(letter, block.codes[group] as number)
    const name = codeName(letter, tenths)
    block.refuse(
      column,
      'modal-conflict',
      other === name ? `${name} stands twice in the line.` : `${other} and ${name} exclude each other in one line. Put them in two lines.`,
    )
    return false
  }
  block.groups |= 1 << group
  block.codes[group] = tenths
  block.codeColumns[group] = column
  return true
}

/**
 * G80 beside another motion code, as headers of many posts have it: the other code ends a cycle as well. Grbl refuses the two
 * together, so G80 is left out.
 * @returns true when one of them is G80
 */
function dropsCancel(block: Block, tenths: number, column: number): boolean {
  const other = block.codes[GROUP.motion] as number
  if ((tenths === 800) === (other === 800)) return false
  block.cancelColumn = tenths === 800 ? column : (block.codeColumns[GROUP.motion] as number)
  if (other === 800) {
    block.codes[GROUP.motion] = tenths
    block.codeColumns[GROUP.motion] = column
  }
  block.isOdd = true
  return true
}

/** What the engine refuses though it is G-code, and why. */
const REASONS: Record<string, string> = {
  G5: 'Splines are not followed here: let the CAM system write lines or arcs.',
  'G5.1': 'Splines are not followed here: let the CAM system write lines or arcs.',
  'G5.2': 'Splines are not followed here: let the CAM system write lines or arcs.',
  G7: 'Lathe diameter mode is not followed here: use radius (G8).',
  G33: 'Moves in step with the spindle are not followed here.',
  G41: 'Cutter radius compensation moves the path by a radius that is not known here: let the CAM system compensate.',
  G42: 'Cutter radius compensation moves the path by a radius that is not known here: let the CAM system compensate.',
  G43: 'This controller has no tool table: use G43.1 with the length.',
  G51: 'Scaling is not followed here: scale the program instead.',
  G52: 'Local offsets are not followed here: use a work offset.',
  G68: 'Rotation is not followed here: rotate the program instead.',
  G76: 'Moves in step with the spindle are not followed here.',
  M6: 'This controller changes no tools.',
  M7: 'This build of the controller has no mist output.',
  M70: 'Saved modes are not followed here.',
  M72: 'Saved modes are not followed here.',
  M73: 'Saved modes are not followed here.',
}

function unknownCode(letter: 'G' | 'M', tenths: number): string {
  const name = codeName(letter, tenths)
  const reason = REASONS[name]
  return `${name} is not understood by this controller.${reason ? ` ${reason}` : ''}`
}
