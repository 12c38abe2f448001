{
  "targets": [
    {
      "target_name": "tickwright",
      "sources": [
        "binding.cpp",
        "audit/audit_binding.cpp",
        "book/book_binding.cpp",
        "host/clock_binding.cpp",
        "host/cpu_binding.cpp",
        "host/net_binding.cpp",
        "ring/ring_binding.cpp",
        "signal/signal_binding.cpp",
      ],
      "include_dirs": [
        ".",
        "<!@(node -p \"require('node-addon-api').include_dir\")",
      ],
      "defines": [
        "NAPI_VERSION=8",
        "NODE_ADDON_API_DISABLE_DEPRECATED",
        "NODE_ADDON_API_CPP_EXCEPTIONS_ALL",
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
      ],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti"],
      "cflags_cc": ["-std=c++20", "-O3", "-fexceptions", "-Wall", "-Wextra", "-Werror=return-type"],
      "conditions": [
        [
          "OS=='linux'",
          {
            "libraries": ["-lpthread", "-ldl"],
            "ldflags": ["-static-libstdc++", "-Wl,--gc-sections", "-Wl,--exclude-libs,ALL"],
          },
        ],
      ],
    },
  ],
}
