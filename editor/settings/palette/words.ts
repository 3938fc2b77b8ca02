/** The words of the palette. */
import { palette as de } from '../../shared/text/de/palette.ts'
import { palette as en } from '../../shared/text/en/palette.ts'
import { catalogue } from '../../shared/text/index.ts'

export const usePaletteText = catalogue(en, de)
