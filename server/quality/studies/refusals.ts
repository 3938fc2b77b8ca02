/** Why something about a study is refused. */
import { UserError } from '../../../base/errors.ts'

const refusal = (code: string, message: string, status = 409) => new UserError({ code, message, status })

export const noStudy = () => refusal('study-not-found', 'There is no such gauge study. Choose one from the list.', 404)
export const studyExists = (name: string) => refusal('study-exists', `There is a gauge study called "${name}". Give this one another name.`)
export const studyChanged = () => refusal('study-changed', 'Somebody else changed this study meanwhile. Look at it again, then go on.')
export const studyClosed = () => refusal('study-closed', 'This study is closed. Open it again with a reason, or plan another one.')
export const studyOpen = () => refusal('study-open', 'This study is open.')
export const hasReadings = () =>
  refusal('study-has-readings', 'There are readings already: parts, appraisers, trials and unit stay as they are. Plan another study for other ones.')
export const planInvalid = (message: string) => refusal('study-plan-invalid', message, 400)
export const placeUnknown = (place: string) =>
  refusal('study-place-unknown', `This study has no ${place}. Choose a part, an appraiser and a trial of its plan.`, 400)
export const placeTaken = (place: string) => refusal('study-place-taken', `${place} has been measured. If the reading is wrong, correct it with a reason.`)
export const unitDiffers = (given: string, wanted: string) =>
  refusal('unit-differs', `The gauge reads ${given || 'no unit'}, and this study is in ${wanted || 'no unit'}. Set the gauge to ${wanted || 'no unit'}.`, 400)
export const valueInvalid = () => refusal('value-invalid', 'This is no number that a gauge can show. Measure again.', 400)
export const entryIdUsed = () => refusal('entry-id-used', 'Something else was entered under this id. Enter it again.')
export const noReading = () => refusal('study-reading-not-found', 'There is no such reading. Look at the study again.', 404)
export const readingCorrected = () => refusal('study-reading-corrected', 'Somebody corrected this reading meanwhile. Look at the study again.')
export const incomplete = (missing: number) =>
  refusal('study-incomplete', `${missing} ${missing === 1 ? 'reading is' : 'readings are'} missing. Measure them first.`)
export const noResult = (why: string) => refusal('study-no-result', `These readings give no result: ${why}`)
export const csvInvalid = (message: string) => refusal('csv-invalid', message, 400)
