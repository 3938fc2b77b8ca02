/** The job board's words. */
import { jobs as de } from '../shared/text/de/jobs.ts'
import { jobs as en } from '../shared/text/en/jobs.ts'
import { catalogue } from '../shared/text/index.ts'

export const useJobsText = catalogue(en, de)
