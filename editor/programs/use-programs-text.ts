/** The words of the programs page. */
import { programs as de } from '../shared/text/de/programs.ts'
import { programs as en } from '../shared/text/en/programs.ts'
import { catalogue } from '../shared/text/index.ts'

export const useProgramsText = catalogue(en, de)
