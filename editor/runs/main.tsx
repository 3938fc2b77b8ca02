/** `/runs`: the run history. */
import { mountPage } from '../shared/theme.tsx'
import { RunsPage } from './runs-page.tsx'

mountPage(<RunsPage />)
