/** The page of connections to outside systems. */
import { mountPage } from '../shared/theme.tsx'
import { ConnectionsPage } from './connections-page.tsx'

mountPage(<ConnectionsPage />)
