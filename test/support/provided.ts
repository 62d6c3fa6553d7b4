/** What test/support/globalSetup.ts hands to every test file (read with vitest's `inject`). */
export interface SharedServers {
  /** Directory for everything the tests write; removed at the end. */
  root: string;
  /** The owner's login of the shared cluster, without a database: `${ownerUrl}/${name}`. */
  ownerUrl: string;
  appUrl: string;
  /** Migrated once; every test database is a copy of it. */
  template: string;
  temporalAddress: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    servers: SharedServers;
  }
}
