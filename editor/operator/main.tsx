/** `/operator`: the panel at the machine. */
import { mountPage } from '../shared/theme.tsx'
import { OperatorPage } from './operator-page.tsx'

mountPage(<OperatorPage />)
