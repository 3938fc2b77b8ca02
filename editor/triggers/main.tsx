/** `/triggers`: what starts the flows. */
import { mountPage } from '../shared/theme.tsx'
import { TriggersPage } from './triggers-page.tsx'

mountPage(<TriggersPage />)
