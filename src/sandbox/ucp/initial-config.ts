import { type Registration, registryTable } from './config-document';

export interface InitialConfig {
  readonly registrations: readonly Registration[];
  readonly requireContentTrust: boolean;
  /** Whether the document has MKE's `allow_repos`. */
  readonly allowRepositories: boolean;
  /** Secrets that real exports hold; made up for each cluster, so that a leak of one can be searched for. */
  readonly scimToken: string;
  readonly backupPassphrase: string;
}

/**
 * The configuration of a freshly installed UCP, laid out as real exports are: the tables in their order, a doubly escaped
 * Windows path, mixed case, quoted dotted keys, empty tables, numbers as strings, secrets (reference: UCP's TOML file).
 */
export function initialConfig(options: InitialConfig): string {
  return `[hardening_configuration]
  hardening_enabled = false
  limit_kernel_capabilities = true
  pids_limit_int = 100000
  pids_limit_k8s = 100000
  pids_limit_swarm = 100000

[auth]
  backend = "managed"
  default_new_user_role = "restrictedcontrol"
  manager_url = ""
  samlEnabled = false
  samlLoginText = ""

  [auth.sessions]
    lifetime_minutes = 60
    renewal_threshold_minutes = 20
    per_user_limit = 10
    store_token_per_session = false

  [auth.saml]
    idpMetadataURL = ""
    spHost = ""
    rootCerts = ""
    tlsSkipVerify = false

  [auth.scim]
    enabled = true
    token = ${JSON.stringify(options.scimToken)}

  [auth.external_identity_provider]
    wellKnownConfigUrl = ""
    caBundle = ""
    clientId = ""
    usernameClaim = "sub"
    httpProxy = ""

  [auth.account_lock]
    enabled = false
    failureTrigger = 5
    durationSeconds = 900

[backup_schedule_config]
  notification-delay = 1
  enabled = false
  path = ""
  no_passphrase = false
  passphrase = ${JSON.stringify(options.backupPassphrase)}
  include_logs = true
  backup_limits = -1
  cron_expression = "0 0 * * 0"

[etcd_cleanup_schedule_config]
  cleanup_enabled = false
  min_ttl_in_seconds = 86400

${options.registrations.map(registryTable).join('')}[scheduling_configuration]
  enable_admin_ucp_scheduling = true
  default_node_orchestrator = "swarm"

[tracking_configuration]
  disable_usageinfo = true
  disable_tracking = true
  cluster_label = ""
  ops_care = false

[trust_configuration]
  require_content_trust = ${String(options.requireContentTrust)}
  require_signature_from = []
${options.allowRepositories ? '  allow_repos = []\n' : ''}
[log_configuration]
  level = "INFO"
  protocol = ""
  host = ""

[audit_log_configuration]
  level = ""
  support_bundle_include_audit_logs = false

[license_configuration]
  auto_refresh = true

[pki]
  client_ca_bundle = ""

[user_workload_defaults]

  [user_workload_defaults.swarm_defaults]

    [user_workload_defaults.swarm_defaults."tasktemplate.restartpolicy.delay"]
      value = "5s"
      enforce = false

    [user_workload_defaults.swarm_defaults."tasktemplate.placement.maxreplicas"]

[cluster_config]
  controller_port = 443
  kube_apiserver_port = 6443
  swarm_port = 2376
  swarm_strategy = "spread"
  profiling_enabled = false
  kv_timeout = 5000
  kv_snapshot_count = 20000
  external_service_lb = ""
  kube_api_server_request_timeout = "1m"
  cni_installer_url = ""
  pod_cidr = "192.168.0.0/16"
  calico_mtu = "1480"
  calico_kdd = true
  ipip_mtu = "1480"
  vxlan_vni = 10000
  azure_ip_count = ""
  service_cluster_ip_range = "10.96.0.0/16"
  nodeport_range = "32768-35535"
  pubkey_auth_cache_enabled = false
  disable_client_bundle = false
  windows_containerd_root = "C:\\\\\\\\ProgramData\\\\\\\\containerd"
  metrics_retention_time = "24h"
  metrics_scrape_interval = "1m"
  rethinkdb_cache_size = "1GB"
  exclude_server_identity_headers = false

  [cluster_config.ingress_controller]
    enabled = false
    ingress_num_replicas = 2
    ingress_external_ips = []

    [cluster_config.ingress_controller.ingress_config_map]

    [[cluster_config.ingress_controller.ingress_exposed_ports]]
      name = "http2"
      port = 80
      target_port = 8080
      node_port = 33000

    [[cluster_config.ingress_controller.ingress_exposed_ports]]
      name = "https"
      port = 443
      target_port = 8443
      node_port = 33001

  [cluster_config.core_dns_lameduck_config]
    enabled = false
    duration = "7s"
`;
}
