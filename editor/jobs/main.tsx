/** `/jobs`: the job board. */
import { mountPage } from '../shared/theme.tsx'
import { JobsPage } from './jobs-page.tsx'

mountPage(<JobsPage />)
