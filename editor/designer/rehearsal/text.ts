/** The words of rehearsals in the person's language. */
import { designerRehearsal as de } from '../../shared/text/de/designer-rehearsal.ts'
import { designerRehearsal as en } from '../../shared/text/en/designer-rehearsal.ts'
import { catalogue } from '../../shared/text/index.ts'

export const useRehearsalText = catalogue(en, de)
export type RehearsalText = ReturnType<typeof useRehearsalText>
