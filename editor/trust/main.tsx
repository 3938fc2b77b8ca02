/** `/trust`: a device learns to trust this server. */
import { mountPage } from '../shared/theme.tsx'
import { TrustPage } from './trust-page.tsx'

mountPage(<TrustPage />)
