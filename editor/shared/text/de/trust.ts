import type { trust as en } from '../en/trust.ts'

export const trust: typeof en = {
  title: 'Diesem Server vertrauen',
  intro:
    'Dieser Server spricht HTTPS mit einem Zertifikat, das er selbst ausgestellt hat. Damit Browser auf diesem Gerät es annehmen, wird seine Zertifizierungsstelle einmal installiert. Sie gilt weiter, wenn der Server eine neue Adresse bekommt.',
  device: 'Dieses Gerät',
  platforms: { android: 'Android', apple: 'iPad oder iPhone', windows: 'Windows', mac: 'Mac', linux: 'Linux' },
  download: 'Zertifizierungsstelle herunterladen',
  steps: {
    android: [
      'Die Datei mit der Schaltfläche oben herunterladen.',
      'Einstellungen öffnen, dann Sicherheit, Verschlüsselung & Anmeldedaten, Zertifikat installieren, CA-Zertifikat. (Auf manchen Geräten: in den Einstellungen nach „CA-Zertifikat“ suchen.)',
      'Mit „Trotzdem installieren“ bestätigen und die Datei in den Downloads wählen.',
    ],
    apple: [
      'Die Datei mit der Schaltfläche oben herunterladen und das Laden des Profils erlauben.',
      'Einstellungen öffnen: Oben steht „Profil geladen“. Das Profil installieren.',
      'Einstellungen, Allgemein, Info, Zertifikatsvertrauenseinstellungen öffnen und das volle Vertrauen für die Cellwright-Stelle einschalten.',
    ],
    windows: [
      'Die Datei mit der Schaltfläche oben herunterladen und öffnen.',
      '„Zertifikat installieren“, dann „Lokaler Computer“ (für alle) oder „Aktueller Benutzer“.',
      '„Alle Zertifikate in folgendem Speicher speichern“ und „Vertrauenswürdige Stammzertifizierungsstellen“ wählen. Den Browser neu starten.',
    ],
    mac: [
      'Die Datei mit der Schaltfläche oben herunterladen und öffnen: Die Schlüsselbundverwaltung nimmt sie in „Anmeldung“ oder „System“ auf.',
      'Sie dort öffnen, „Vertrauen“ aufklappen und „Bei Verwendung dieses Zertifikats“ auf „Immer vertrauen“ stellen.',
    ],
    linux: [
      'Die Datei mit der Schaltfläche oben herunterladen.',
      'Debian, Ubuntu: mit der Endung .crt nach /usr/local/share/ca-certificates/ kopieren und sudo update-ca-certificates ausführen.',
      'Chrome und Firefox haben eigene Listen: Einstellungen, Zertifikate, Zertifizierungsstellen, Importieren, und ihr für Websites vertrauen.',
    ],
  },
  compare:
    'Vergleichen Sie vorher: Dieser SHA-256-Fingerabdruck muss der sein, den Cellwright beim Start ausgegeben hat. Weicht ein Zeichen ab, steht jemand zwischen Ihnen und dem Server.',
  of: (name, until) => `${name}, gültig bis ${until}.`,
  check: 'Installiert – jetzt prüfen',
  names: 'Das Zertifikat des Servers gilt für',
  anyway: 'Ohne Zertifikat weiter (der Browser warnt)',
  trusted: 'Dieses Gerät vertraut diesem Server.',
  go: 'Zu Cellwright',
  install: {
    title: 'Als App installieren',
    panel: 'Bedienfeld öffnen',
    how: {
      android: 'Das Bedienfeld öffnen, dann im Menü ⋮ von Chrome „Zum Startbildschirm hinzufügen“, „Installieren“.',
      apple: 'Das Bedienfeld in Safari öffnen, dann „Teilen“, „Zum Home-Bildschirm“.',
      windows: 'Das Bedienfeld in Edge oder Chrome öffnen, dann das Zeichen mit dem Plus in der Adresszeile, „Installieren“.',
      mac: 'Das Bedienfeld in Chrome öffnen, dann das Zeichen mit dem Plus in der Adresszeile; in Safari „Ablage“, „Zum Dock hinzufügen“.',
      linux: 'Das Bedienfeld in Chromium oder Chrome öffnen, dann das Zeichen mit dem Plus in der Adresszeile, „Installieren“.',
    },
  },
  noHttps: 'Dieser Server ist nur von diesem Computer aus oder über einen Proxy erreichbar, der HTTPS spricht. Zu installieren ist nichts.',
  givenCertificate:
    'Das Zertifikat dieses Servers stammt aus Ihrem Betrieb. Warnt ein Browser, so installieren Sie die Zertifizierungsstelle Ihres Betriebs; fragen Sie, wer Ihr Netz betreut.',
}
