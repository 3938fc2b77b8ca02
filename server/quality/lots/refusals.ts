/** Why something about a lot is refused. */
import { UserError } from '../../../base/errors.ts'

const refusal = (code: string, message: string, status = 409) => new UserError({ code, message, status })

export const noPlan = () => refusal('sampling-plan-not-found', 'There is no such sampling plan. Choose one from the list.', 404)
export const noLot = () => refusal('lot-not-found', 'There is no such lot. Choose one from the list of lots.', 404)
export const planExists = (name: string) => refusal('sampling-plan-exists', `There is a sampling plan called "${name}". Give this one another name.`)
export const planChanged = () => refusal('sampling-plan-changed', 'Somebody else changed this plan meanwhile. Look at it again, then change it.')
export const planRetired = () => refusal('sampling-plan-retired', 'This plan is not in use any more. Choose another one, or take it into use again.')
export const aqlForCounts = (aql: number) =>
  refusal('aql-for-counts', `An AQL of ${aql} counts nonconformities per 100 items. For nonconforming items take 10 or less, or count nonconformities.`, 400)
export const discontinued = () =>
  refusal(
    'sampling-discontinued',
    'Inspection by sampling is discontinued for this plan: too many lots were rejected on tightened inspection. Inspect every item until the cause is mended; then an engineer begins it again.',
  )
export const lotExists = (number: string) =>
  refusal('lot-exists', `Lot ${number} is in this plan already. If it comes again after it was rejected, say so; otherwise give its own number.`)
export const lotNotRejected = (number: string) =>
  refusal('lot-not-rejected', `Lot ${number} was not rejected before in this plan: it cannot come again. Enter it as a new lot.`)
export const lotJudged = () => refusal('lot-judged', 'This lot has its result. If it is wrong, correct it with a reason.')
export const lotOpen = () => refusal('lot-open', 'This lot has no result yet. Enter it first.')
export const lotWithdrawn = () => refusal('lot-withdrawn', 'This lot was withdrawn. Begin it anew.')
export const entryIdUsed = () => refusal('entry-id-used', 'Something else was entered under this id. Enter it again.')
export const movedOn = () => refusal('sampling-moved-on', 'A lot was judged meanwhile, or somebody set the severity. Look at the plan again.')
export const severityNotAllowed = (message: string) => refusal('severity-not-allowed', message)
export const findingInvalid = (message: string) => refusal('finding-invalid', message, 400)
