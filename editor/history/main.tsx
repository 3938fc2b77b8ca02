/** `/history`: versions, approvals, the audit log. */
import { mountPage } from '../shared/theme.tsx'
import { HistoryPage } from './history-page.tsx'

mountPage(<HistoryPage />)
